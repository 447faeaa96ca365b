using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddConvolution()
    {
        Convolution(new Convolution1D(new(3, 1, 1)), [2, 3, 7], 4, "bias", bias: true);
        Convolution(new Convolution1D(new(4, 2, 3, 2), 2), [2, 4, 9], 6, "strides, dilation and groups");
        Convolution(new Convolution1D(new(3, 1, 2, 2), 3), [2, 3, 11], 3, "depthwise", bias: true);
        Convolution(new Convolution2D(new(3), new(3)), [2, 3, 6, 5], 4, "bias", bias: true);
        Convolution(new Convolution2D(new(3, 2, 1), new(2, 3, 0)), [2, 2, 7, 8], 3, "strides");
        Convolution(new Convolution2D(new(2, 1, 2, 3), new(3, 2, 1, 2)), [1, 2, 5, 7], 2, "dilation");
        Convolution(new Convolution2D(new(3, 1, 1), new(3, 1, 1), 2), [2, 4, 4, 5], 6, "groups");
        Convolution(new Convolution2D(new(3, 1, 1), new(3, 1, 1), 3), [2, 3, 5, 4], 3, "depthwise", bias: true);
        Convolution(new Convolution2D(new(1), new(1)), [2, 3, 4, 3], 5, "pointwise", bias: true);
        Convolution(new Convolution3D(new(3), new(2), new(3)), [2, 2, 4, 3, 5], 3, "bias", bias: true);
        Convolution(new Convolution3D(new(2, 2, 1), new(3, 2, 1), new(2, 3)), [1, 2, 4, 5, 6], 3, "strides");
        Convolution(new Convolution3D(new(2, 1, 2, 3), new(3, 2, 1, 2), new(2, 1, 1)), [1, 2, 4, 5, 3], 2, "dilation");
        Convolution(new Convolution3D(new(3, 1, 1), new(1), new(3, 1, 1), 2), [1, 4, 3, 2, 4], 6, "groups");
        Convolution(new Convolution3D(new(3, 1, 1), new(3, 1, 1), new(3, 1, 1), 3), [2, 3, 3, 4, 3], 3, "depthwise", bias: true);
        Convolution(new Convolution3D(new(2, 2, 1), new(3, 2), new(2, 2, 1), 2), [2, 2, 4, 5, 4], 4, "depthwise, strides");
        Convolution(new Convolution3D(new(3, 1, 1), new(1), new(1)), [2, 2, 5, 2, 3], 3, "along the depth", bias: true);
        Convolution(new Convolution3D(new(1), new(3, 1, 1), new(3)), [2, 2, 3, 3, 4], 3, "plane by plane");
    }

    private static void AddFusedConvolution()
    {
        Fused(new Convolution2D(new(3), new(3)), [2, 3, 6, 5], 4, Activation.Relu, "windows");
        Fused(new Convolution2D(new(3, 2, 1), new(2, 3, 1, 2)), [2, 2, 7, 8], 3, Activation.None, "strides and dilation, sum", adds: true);
        Fused(new Convolution2D(new(1), new(1)), [2, 3, 4, 3], 5, Activation.Relu6, "pointwise, sum", adds: true);
        Fused(new Convolution2D(new(3, 1, 1), new(3, 1, 1)), [1, 18, 7, 6], 17, Activation.Silu, "tiles, sum", adds: true);
        Fused(new Convolution2D(new(3, 2, 1), new(3, 2, 1), 19), [2, 19, 9, 20], 19, Activation.Gelu, "depthwise");
        Fused(new Convolution2D(new(2, 1, 1), new(3, 1, 2), 3), [1, 3, 4, 12], 3, Activation.HardSwish, "depthwise, sum", adds: true);
        Fused(new Convolution2D(new(3), new(3), 2), [1, 4, 4, 5], 6, Activation.Tanh, "groups, sum", adds: true);
        Fused(new Convolution1D(new(3, 1, 1)), [2, 3, 7], 4, Activation.Sigmoid, "sequences");
        Fused(new Convolution3D(new(2), new(2), new(3)), [1, 2, 3, 3, 5], 3, Activation.GeluTanh, "volumes");
    }

    private static void Fused(Convolution op, Shape input, long filters, Activation activation, string label, bool adds = false)
    {
        ConvolutionShape shape = new(op, op, input, filters);
        Operand[] operands = [new(input), new(shape.Weight), new([filters])];
        Sample(new OpSample(new FusedConvolution(op, activation), adds ? [.. operands, new(shape.Output)] : operands, label) { Flops = 2 * shape.Products });
    }

    /// <summary>A convolution and both of its gradients.</summary>
    private static void Convolution(Convolution op, Shape input, long filters, string label, bool bias = false)
    {
        ConvolutionShape shape = new(op, op, input, filters);
        Operand x = new(input), weight = new(shape.Weight), gradient = new(shape.Output);
        double flops = 2 * shape.Products;
        Sample(new OpSample(op, bias ? [x, weight, new([filters])] : [x, weight], label) { Flops = flops });
        Sample(new OpSample(new ConvolutionInputGradient(op, input), [gradient, weight], label) { Flops = flops });
        Sample(new OpSample(new ConvolutionWeightGradient(op), [x, gradient], label) { Flops = flops });
    }

    private static void AddPooling()
    {
        MaxPool(new(new(2, 2), new(2, 2)), [2, 3, 6, 8], "2×2");
        MaxPool(new(new(3, 2, 1), new(2, 1, 1, 2), true), [1, 2, 7, 6], "overlapping");
        MaxPool(new(new(2, 3), new(3, 4)), [2, 1, 5, 9], "gaps");
        MaxPool(new(new(17), new(16, 4)), [1, 1, 17, 20], "large window");
        AveragePool(new(new(2, 2), new(2, 2)), [2, 3, 6, 8], "2×2");
        AveragePool(new(new(3, 2, 1), new(2, 1, 1), true), [1, 2, 6, 6], "overlapping");
        AveragePool(new(new(3, 2, 1), new(3, 2, 1), false, false), [1, 2, 7, 6], "border not counted");
    }

    private static void MaxPool(MaxPool2D op, Shape input, string label)
    {
        Shape output = op.ShapeFor(op, input).Output;
        Operand index = new(output, 0, op.Vertical.Size * op.Horizontal.Size) { Type = op.IndexType };
        Sample(new OpSample(op, [new(input)], label));
        Sample(new OpSample(new MaxPool2DInputGradient(op, input), [new(output), index], label));
        Sample(new OpSample(new MaxPool2DPick(op), [new(input), index], label));
    }

    private static void AveragePool(AveragePool2D op, Shape input, string label)
    {
        Sample(new OpSample(op, [new(input)], label));
        Sample(new OpSample(new AveragePool2DInputGradient(op, input), [new(op.ShapeFor(op, input).Output)], label));
    }
}
