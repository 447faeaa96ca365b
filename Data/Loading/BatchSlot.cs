namespace Gradwright.Data;

/// <summary>Room for a batch on the accelerator. An incomplete batch is a shorter tensor over the same memory.</summary>
internal sealed class BatchSlot : IDisposable
{
    private readonly SampleSpec _input, _target;
    private readonly int _size;
    private readonly Batch _whole;
    private Batch? _partial;

    public BatchSlot(SampleSpec input, SampleSpec target, int size, Accelerator accelerator)
    {
        (_input, _target, _size) = (input, target, size);
        using (TensorScope.Suspend())
            _whole = new(Tensor.Empty(ShapeOf(input, size), input.DType, accelerator), Tensor.Empty(ShapeOf(target, size), target.DType, accelerator));
    }

    /// <summary>The tensors of a batch of <paramref name="count"/> samples.</summary>
    public Batch For(int count)
    {
        if (count == _size) return _whole;
        if (_partial?.Count == count) return _partial;
        DisposePartial();
        using (TensorScope.Suspend())
            return _partial = new(Shorter(_whole.Input, _input, count), Shorter(_whole.Target, _target, count));
    }

    public void Dispose()
    {
        DisposePartial();
        _whole.Input.Dispose();
        _whole.Target.Dispose();
    }

    private void DisposePartial()
    {
        _partial?.Input.Dispose();
        _partial?.Target.Dispose();
    }

    private static Tensor Shorter(Tensor whole, SampleSpec spec, int count) => Tensor.Over(whole.Buffer, Layout.Contiguous(ShapeOf(spec, count)), spec.DType);

    private static Shape ShapeOf(SampleSpec spec, int count) => [count, .. spec.Shape.Span];
}
