namespace Gradwright.Kernels;

/// <summary>Launches the kernels of <see cref="SoftCrossEntropy"/> and its gradient.</summary>
internal static class SoftCrossEntropyKernel
{
    private static readonly KernelTable<(string Entry, DType Type, LineGrid Grid)> _kernels = new(key
        => GpuSource.Real("soft_cross_entropy.cu", key.Entry, key.Grid.Group, key.Type, key.Grid.Defines));

    /// <summary>Operands and outputs as in <see cref="SoftCrossEntropy"/>.</summary>
    public static void Forward(SoftCrossEntropy op, GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0)
        {
            y[0]!.FillInPlace(0);
            return;
        }

        using Packed logits = new(x[0]), targets = new(x[1]);
        GpuLines lines = GpuLines.Along(new(x[0].Shape, op.Axis));
        LineGrid grid = LineGrid.For(gpu, lines);
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(y[1]);
        arguments.Out(y[2]);
        arguments.Out(y[3]);
        arguments.In(logits.Tensor);
        arguments.In(targets.Tensor);
        arguments.Value(lines);
        arguments.Value(y[1] is null ? 0 : 1);
        gpu.Launch(_kernels[("soft_cross_entropy", x[0].DType, grid)], new(grid.Groups(lines.Count)), ref arguments);
    }

    /// <summary>Operands as in <see cref="SoftCrossEntropyGradient"/>.</summary>
    public static void Backward(SoftCrossEntropyGradient op, GpuAccelerator gpu, ReadOnlySpan<Tensor> x, Tensor y)
    {
        if (y.Count == 0) return;
        using Packed g = new(x[0]), logits = new(x[1]), targets = new(x[2]), max = new(x[3]), logSum = new(x[4]), total = new(x[5]);
        GpuLines lines = GpuLines.Along(new(x[1].Shape, op.Axis));
        LineGrid grid = LineGrid.For(gpu, lines);
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(g.Tensor);
        arguments.In(logits.Tensor);
        arguments.In(targets.Tensor);
        arguments.In(max.Tensor);
        arguments.In(logSum.Tensor);
        arguments.In(total.Tensor);
        arguments.Value(lines);
        gpu.Launch(_kernels[("soft_cross_entropy_gradient", y.DType, grid)], new(grid.Groups(lines.Count)), ref arguments);
    }
}
