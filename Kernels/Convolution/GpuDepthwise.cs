using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>Launches the kernels of <c>depthwise.cu</c>: convolutions whose filters see one channel each.</summary>
internal static class GpuDepthwise
{
    private static readonly KernelTable<(string Entry, DType DType, int Group, bool Volume)> _kernels = new(static key
        => GpuSource.Real("depthwise.cu", key.Entry, key.Group, key.DType, [GpuDepths.Definition(key.Volume)]));

    public static void Forward(GpuAccelerator gpu, in ConvolutionShape p, in ConvolutionOperands operands)
    {
        KernelArguments arguments = new();
        arguments.Out(operands.Y);
        arguments.In(operands.Weight);
        arguments.In(operands.X);
        arguments.In(operands.Bias);
        arguments.Value(new Sizes(p));
        arguments.Value(operands.Bias is null ? 0 : 1);
        int group = gpu.Tuning.MapGroup;
        gpu.Launch(_kernels[("depthwise", operands.DType, group, p.IsVolume)], LaunchSize.Covering(operands.Y.Count, group), ref arguments);
    }

    public static void InputGradient(GpuAccelerator gpu, in ConvolutionShape p, in ConvolutionOperands operands)
    {
        KernelArguments arguments = new();
        arguments.Out(operands.X);
        arguments.In(operands.Weight);
        arguments.In(operands.Y);
        arguments.Value(new Sizes(p));
        int group = gpu.Tuning.MapGroup;
        gpu.Launch(_kernels[("depthwise_input_gradient", operands.DType, group, p.IsVolume)], LaunchSize.Covering(operands.X.Count, group), ref arguments);
    }

    public static void WeightGradient(GpuAccelerator gpu, in ConvolutionShape p, in ConvolutionOperands operands)
    {
        KernelArguments arguments = new();
        arguments.Out(operands.Weight);
        arguments.In(operands.Y);
        arguments.In(operands.X);
        arguments.Value(new Sizes(p));
        gpu.Launch(_kernels[("depthwise_weight_gradient", operands.DType, gpu.Tuning.RowGroup, p.IsVolume)], new(operands.Weight.Count), ref arguments);
    }

    /// <summary>As <c>depthwise.cu</c> declares it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Sizes(in ConvolutionShape p)
    {
        public readonly long Images = p.Images, Channels = p.Channels, Filters = p.GroupFilters;
        public readonly GpuWindows Windows = new(p.Plane);
        public readonly GpuDepths Depths = new(p);
    }
}
