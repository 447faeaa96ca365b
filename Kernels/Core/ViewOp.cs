namespace Gradwright.Kernels;

/// <summary>An op whose result shares its operand's memory under another layout.</summary>
public abstract record ViewOp : Op
{
    protected internal override bool TakesHalf => true;

    /// <summary>The result's layout; throws where the attributes do not fit.</summary>
    protected abstract Layout View(Tensor x);

    protected internal sealed override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(x[0].DType, View(x[0]));

    public sealed override void Execute(ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
    {
        y[0] = x[0].Alias(View(x[0]));
        OpListener.Current?.Viewed(this, x[0], y[..1]);
    }

    protected sealed override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        // Only reached when the result has to go into a given tensor.
        using Tensor view = x[0].Alias(View(x[0]));
        new Copy().ExecuteInto(y[0]!, view);
    }

    private protected sealed override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);
}
