namespace Gradwright.Kernels;

/// <summary>What the specialisations of <c>batch_norm.cu</c> differ in.</summary>
/// <param name="Entry">The kernel.</param>
/// <param name="Type">The element type.</param>
/// <param name="Grid">How work items share channels.</param>
/// <param name="Affine">There are a scale and a shift.</param>
internal readonly record struct BatchNormKey(string Entry, DType Type, LineGrid Grid, bool Affine);

/// <summary>
/// Launches batch normalisation. Where there are many channels, or small ones, one kernel does all; else the statistics come from many groups per channel, and
/// a kernel over all elements applies them.
/// </summary>
internal static class BatchNormKernel
{
    private static readonly KernelTable<BatchNormKey> _kernels = new(key => GpuSource.Real("batch_norm.cu", key.Entry, key.Grid.Group, key.Type,
        [("AFFINE", key.Affine ? "1" : "0"), .. key.Grid.Defines]));

    /// <summary>Operands and outputs as in <see cref="BatchNorm"/>.</summary>
    public static void Forward(GpuAccelerator gpu, double epsilon, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        bool affine = x.Length > 1;
        using Packed input = new(x[0]), scale = new(x[affine ? 1 : 0]), shift = new(x[affine ? 2 : 0]);
        AxisView view = new(x[0].Shape, 1);
        GpuLines lines = GpuLines.Channels(view);
        LineGrid grid = LineGrid.For(gpu, lines);
        if (grid.Cut(gpu, lines).Parts > 1)
        {
            uint axes = ((1u << x[0].Rank) - 1) & ~2u;
            ReduceKernel.Run<Variance>(gpu, input.Tensor, axes, y[2]!, center: y[1]);
            Apply(gpu, epsilon, input.Tensor, y[1]!, y[2]!, affine ? scale.Tensor : null, affine ? shift.Tensor : null, y[0]!, y[3]);
            return;
        }

        KernelArguments arguments = new();
        for (int i = 0; i < 4; i++) arguments.Out(y[i]);
        arguments.In(input.Tensor);
        arguments.In(affine ? scale.Tensor : null);
        arguments.In(affine ? shift.Tensor : null);
        arguments.Value(lines);
        arguments.Real(lines.Length, x[0].DType);
        arguments.Real(epsilon, x[0].DType);
        arguments.Value(y[3] is null ? 0 : 1);
        gpu.Launch(_kernels[new("batch_norm", x[0].DType, grid, affine)], new(grid.Groups(lines.Count)), ref arguments);
    }

    /// <summary>y = (x − mean) scale / √(variance + ε) + shift, and the root's inverse if it is wanted.</summary>
    public static void Apply(GpuAccelerator gpu, double epsilon, Tensor x, Tensor mean, Tensor variance, Tensor? scale, Tensor? shift, Tensor y, Tensor? inverse)
    {
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.Out(inverse);
        arguments.In(x);
        arguments.In(mean);
        arguments.In(variance);
        arguments.In(scale);
        arguments.In(shift);
        LineGrid grid = AddElements(gpu, ref arguments, x);
        arguments.Real(epsilon, x.DType);
        arguments.Value(inverse is null ? 0 : 1);
        gpu.Launch(_kernels[new("batch_norm_apply", x.DType, grid, scale is not null)], LaunchSize.Covering(x.Count, grid.Group), ref arguments);
    }

    /// <summary>Operands and outputs as in <see cref="BatchNormGradient"/>.</summary>
    public static void Backward(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed g = new(x[0]), input = new(x[1]), mean = new(x[2]), inverse = new(x[3]), factor = new(x[^1]);
        Tensor? scale = x.Length > 4 ? factor.Tensor : null;
        DType type = x[1].DType;
        GpuLines lines = GpuLines.Channels(new(x[1].Shape, 1));
        LineGrid grid = LineGrid.For(gpu, lines), perChannel = LineGrid.GroupPerLine(gpu);
        (int parts, long length) = grid.Cut(gpu, lines);
        if (parts == 1)
        {
            KernelArguments all = new();
            for (int i = 0; i < 3; i++) all.Out(y[i]);
            all.In(g.Tensor);
            all.In(input.Tensor);
            all.In(mean.Tensor);
            all.In(inverse.Tensor);
            all.In(scale);
            all.Value(lines);
            all.Real(lines.Length, type);
            gpu.Launch(_kernels[new("batch_norm_gradient", type, grid, scale is not null)], new(grid.Groups(lines.Count)), ref all);
            return;
        }

        using Tensor partials = Tensor.Empty([lines.Count, parts, 2], type, gpu);
        KernelArguments sums = new();
        sums.Out(partials);
        sums.In(g.Tensor);
        sums.In(input.Tensor);
        sums.In(mean.Tensor);
        sums.Value(lines);
        sums.Value(length);
        sums.Value(parts);
        gpu.Launch(_kernels[new("batch_norm_sums", type, grid, false)], new(grid.Groups(lines.Count), parts), ref sums);

        KernelArguments combined = new();
        combined.Out(y[1]);
        combined.Out(y[2]);
        combined.In(partials);
        combined.In(inverse.Tensor);
        combined.Value(parts);
        gpu.Launch(_kernels[new("batch_norm_combine", type, perChannel, false)], new(lines.Count), ref combined);

        KernelArguments projection = new();
        projection.Out(y[0]);
        projection.In(g.Tensor);
        projection.In(input.Tensor);
        projection.In(mean.Tensor);
        projection.In(inverse.Tensor);
        projection.In(scale);
        projection.In(y[1]);
        projection.In(y[2]);
        LineGrid elements = AddElements(gpu, ref projection, input.Tensor);
        projection.Real(lines.Length, type);
        gpu.Launch(_kernels[new("batch_norm_project", type, elements, scale is not null)], LaunchSize.Covering(x[1].Count, elements.Group), ref projection);
    }

    /// <summary>How a kernel over all elements finds their channels.</summary>
    private static LineGrid AddElements(GpuAccelerator gpu, ref KernelArguments arguments, Tensor x)
    {
        AxisView view = new(x.Shape, 1);
        arguments.Value(x.Count);
        arguments.Value(view.Length);
        arguments.Value(view.Inner);
        return LineGrid.GroupPerLine(gpu) with { Wide = MapKernel.IsWide(gpu, x) };
    }
}
