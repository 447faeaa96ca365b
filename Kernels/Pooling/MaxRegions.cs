namespace Gradwright.Kernels;

/// <summary>
/// The largest number of each region: x [N, C, (D, H,) W] → y [N, C, (D′, H′,) W′]. NaN counts as largest; the border as −∞. Kept for the backward pass: where in
/// its plane each maximum was (Int64, counted through), the first one of equals. Operands: x, and for random regions draws 0 .. 65535 (Int64, [N, C, axes]).
/// </summary>
/// <param name="Maps">The regions along each spatial axis: one to three.</param>
public sealed record MaxRegions(AxisMap[] Maps) : Op
{
    public override string Name => nameof(MaxRegions);

    public override int KeptCount => 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => InferFor(this, x, y);

    internal SpatialPlan PlanFor(Op op, Shape input)
    {
        foreach (AxisMap map in Maps)
        {
            if (map.Rule is AxisRule.Nearest or AxisRule.Linear) throw new ArgumentException($"{op.Name}: {map.Rule} is no rule for regions to take a maximum of.");
        }

        return new(op, Maps, input);
    }

    internal void InferFor(Op op, ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(op, x[0]);
        SpatialPlan.CheckRank(op, x[0], Maps.Length);
        SpatialPlan plan = PlanFor(op, x[0].Shape);
        plan.CheckCovered(op);
        CheckDraws(op, x.Length > 1 ? x[1] : null, x[0].Shape);
        y[0] = new(dtype, plan.Output);
        y[1] = new(DType.Int64, plan.Output);
    }

    internal void CheckDraws(Op op, Tensor? draws, Shape input)
    {
        bool random = Array.Exists(Maps, map => map.Rule == AxisRule.Random);
        if (draws is null && random) throw new ArgumentException($"{op.Name}: random regions take a second operand, the draws.");
        if (draws is null) return;
        Check.Type(op, "draws", draws, DType.Int64);
        Shape expected = Shape.Create(input[0], input[1], Maps.Length);
        if (draws.Shape != expected) throw new ShapeException($"{op.Name}: draws {draws.Shape} must be [images, channels, axes] = {expected}.");
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(this, x, y);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunGpu(this, gpu, x, y);

    internal void RunCpu(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]), draws = new(x[^1], x.Length == 1 || x[^1].Layout.IsContiguous);
        MaxRegionsArguments p = new()
        {
            Plan = PlanFor(op, x[0].Shape), Image = image.Pointer, Maxima = y[0]!.Pointer, Index = y[1]?.Pointer ?? 0, Draws = x.Length > 1 ? draws.Pointer : 0, Axes = Maps.Length,
        };
        WindowDispatch.Run<MaxRegionsPass, MaxRegionsArguments>(x[0].DType, ref p);
    }

    internal void RunGpu(Op op, GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed image = new(x[0]), draws = new(x[^1], x.Length == 1 || x[^1].Layout.IsContiguous);
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(y[1]);
        arguments.In(image.Tensor);
        Launch(gpu, "max_regions", PlanFor(op, x[0].Shape), x.Length > 1 ? draws.Tensor : null, y[0]!, ref arguments);
    }

    private static readonly KernelTable<(string Entry, DType DType, int Group)> _gpu = new(static key => GpuSource.Real("max_regions.cu", key.Entry, key.Group, key.DType));

    /// <summary>Adds what both kernels have last, and launches one.</summary>
    internal void Launch(GpuAccelerator gpu, string entry, in SpatialPlan plan, Tensor? draws, Tensor result, ref KernelArguments arguments)
    {
        int group = gpu.Tuning.MapGroup;
        arguments.In(draws);
        plan.AddTo(ref arguments);
        arguments.Value(result.Count);
        arguments.Value(draws is null ? 0 : Maps.Length);
        gpu.Launch(_gpu[(entry, result.DType, group)], LaunchSize.Covering(result.Count, group), ref arguments);
    }
}

/// <summary><see cref="MaxRegions"/> with the places of the maxima as a second result.</summary>
/// <param name="Regions">The regions.</param>
public sealed record MaxRegionsWithIndex(MaxRegions Regions) : Op
{
    public override string Name => nameof(MaxRegionsWithIndex);

    public override int OutputCount => 2;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => Regions.InferFor(this, x, y);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => Regions.RunCpu(this, x, y);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => Regions.RunGpu(this, gpu, x, y);
}

/// <summary>
/// The gradient of a maximum of regions: g [N, C, (D′, H′,) W′] and the maxima's places → [N, C, (D, H,) W]. Where regions overlap, gradients add, in order.
/// Operands: g, index (Int64, inside the regions), and for random regions the draws.
/// </summary>
/// <param name="Forward">The regions.</param>
/// <param name="Input">The shape of the image.</param>
public sealed record MaxRegionsGradient(MaxRegions Forward, Shape Input) : Op
{
    public override string Name => nameof(MaxRegionsGradient);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Shape output = Forward.PlanFor(this, Input).Output;
        if (x[0].Shape != output) throw new ShapeException($"{Name}: gradient {x[0].Shape} does not belong to a pooling of {Input}, whose result is {output}.");
        Check.Type(this, "index", x[1], DType.Int64);
        Check.SameShape(this, "the gradient", x[0], "the index", x[1]);
        Forward.CheckDraws(this, x.Length > 2 ? x[2] : null, Input);
        y[0] = new(dtype, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        SpatialPlan plan = Forward.PlanFor(this, Input);
        using Packed gradient = new(x[0]);
        using Tensor index = Indices.Checked(this, x[1], plan.InputPixels, $"a plane of {Input}");
        PlaneScatter scatter = new() { Plan = plan, Gradient = gradient.Pointer, Index = index.Pointer, Image = y[0]!.Pointer };
        ByType.Floating(this, x[0].DType, ref scatter);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed gradient = new(x[0]), index = new(x[1]), draws = new(x[^1], x.Length == 2 || x[^1].Layout.IsContiguous);
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(gradient.Tensor);
        arguments.In(index.Tensor);
        Forward.Launch(gpu, "max_regions_gradient", Forward.PlanFor(this, Input), x.Length > 2 ? draws.Tensor : null, y[0]!, ref arguments);
    }
}
