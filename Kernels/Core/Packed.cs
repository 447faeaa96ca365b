namespace Gradwright.Kernels;

/// <summary>An operand as a kernel wants it, row-major: the tensor itself, or a temporary copy that is freed at the brace.</summary>
internal readonly ref struct Packed : IDisposable
{
    private readonly bool _isCopy;

    public Packed(Tensor x, bool accept) => (Tensor, _isCopy) = accept ? (x, false) : (new Copy().Execute(x), true);

    public Packed(Tensor x) : this(x, x.Layout.IsContiguous) { }

    public Tensor Tensor { get; }

    /// <summary>Address of the first element.</summary>
    public nint Pointer => Tensor.Pointer;

    public void Dispose()
    {
        if (_isCopy) Tensor.Dispose();
    }
}

/// <summary>A row-major place for a result: the output itself, or a temporary whose contents <see cref="Finish"/> copies into it.</summary>
internal readonly ref struct PackedOutput : IDisposable
{
    private readonly Tensor _y;

    public PackedOutput(Tensor y)
    {
        _y = y;
        Tensor = y.Layout.IsContiguous ? y : Tensor.Empty(y.Shape, y.DType, y.Accelerator);
    }

    public Tensor Tensor { get; }

    /// <summary>The result is complete.</summary>
    public void Finish()
    {
        if (!ReferenceEquals(Tensor, _y)) new Copy().ExecuteInto(_y, Tensor);
    }

    public void Dispose()
    {
        if (!ReferenceEquals(Tensor, _y)) Tensor.Dispose();
    }
}
