namespace Gradwright.Kernels;

/// <summary>
/// Linear maps along the spatial axes, one after the other: means of windows or regions, nearest neighbours, linear interpolation.
/// x [N, C, (D, H,) W] → y [N, C, (D′, H′,) W′].
/// </summary>
/// <param name="Maps">What happens along each spatial axis: one to three. A window's dilation is 1.</param>
public sealed record Resample(AxisMap[] Maps) : Op
{
    public override string Name => nameof(Resample);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        SpatialPlan.CheckRank(this, x[0], Maps.Length);
        y[0] = new(dtype, PlanFor(this, x[0].Shape).Output);
    }

    internal SpatialPlan PlanFor(Op op, Shape input)
    {
        foreach (AxisMap map in Maps)
        {
            if (map.Rule == AxisRule.Window && map.Window.Dilation != 1) throw new ShapeException($"{op.Name}: dilation {map.Window.Dilation} must be 1. Slice x with a step instead.");
        }

        return new(op, Maps, input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(PlanFor(this, x[0].Shape), x[0], y[0]!, transposed: false);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => RunGpu(gpu, "resample", PlanFor(this, x[0].Shape), x[0], y[0]!);

    internal static void RunCpu(in SpatialPlan plan, Tensor from, Tensor to, bool transposed)
    {
        using Packed packed = new(from);
        ResampleArguments p = new() { Plan = plan, From = packed.Pointer, To = to.Pointer, Transposed = transposed };
        WindowDispatch.Run<ResamplePass, ResampleArguments>(from.DType, ref p);
    }

    private static readonly KernelTable<(string Entry, DType DType, int Group)> _gpu = new(static key => GpuSource.Real("resample.cu", key.Entry, key.Group, key.DType));

    internal static void RunGpu(GpuAccelerator gpu, string entry, in SpatialPlan plan, Tensor from, Tensor to)
    {
        using Packed packed = new(from);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(to);
        arguments.In(packed.Tensor);
        plan.AddTo(ref arguments);
        arguments.Value(to.Count);
        gpu.Launch(_gpu[(entry, to.DType, group)], LaunchSize.Covering(to.Count, group), ref arguments);
    }
}

/// <summary>The transpose of a resampling, and so its gradient: g [N, C, (D′, H′,) W′] → [N, C, (D, H,) W].</summary>
/// <param name="Forward">The resampling.</param>
/// <param name="Input">The shape of its operand.</param>
public sealed record ResampleTransposed(Resample Forward, Shape Input) : Op
{
    public override string Name => nameof(ResampleTransposed);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Shape output = Forward.PlanFor(this, Input).Output;
        if (x[0].Shape != output) throw new ShapeException($"{Name}: gradient {x[0].Shape} does not belong to a resampling of {Input}, whose result is {output}.");
        y[0] = new(dtype, Input);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => Resample.RunCpu(Forward.PlanFor(this, Input), x[0], y[0]!, transposed: true);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => Resample.RunGpu(gpu, "resample_transposed", Forward.PlanFor(this, Input), x[0], y[0]!);
}
