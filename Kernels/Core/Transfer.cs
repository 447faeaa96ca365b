namespace Gradwright.Kernels;

/// <summary>The same elements in fresh, row-major memory of another accelerator.</summary>
/// <param name="From">Where the operand lives.</param>
/// <param name="Target">Where the result will.</param>
public sealed record Transfer(Accelerator From, Accelerator Target) : Op
{
    public override string Name => nameof(Transfer);
    protected internal override bool TakesHalf => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (x[0].Accelerator != From) throw new AcceleratorException($"{Name}: {x[0].Describe()} lives on {x[0].Accelerator.Name}, not on {From.Name}.");
        y[0] = new(x[0].DType, x[0].Shape);
    }

    public override void Execute(ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
    {
        OpListener.Refuse(Name, "Move the tensors between steps.");
        TensorSpec spec = default;
        Infer(x, new(ref spec));
        using Packed packed = new(x[0]);
        Tensor result = Tensor.Empty(spec.Layout, spec.DType, Target);
        Accelerator.Transfer(packed.Tensor.Buffer, packed.Tensor.Layout.Offset * spec.DType.Size, result.Buffer, 0, result.Count * spec.DType.Size);
        y[0] = result;
        GC.KeepAlive(x[0]);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => new Copy().ExecuteInto(y[0]!, x[0]);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);
}
