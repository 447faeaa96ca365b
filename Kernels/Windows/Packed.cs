namespace Gradwright.Kernels;

/// <summary>An operand in row-major order: itself, or a copy that lives until the brace.</summary>
internal readonly ref struct Packed
{
    private readonly Tensor? _copy;

    public Packed(Tensor x)
    {
        _copy = x.Layout.IsContiguous ? null : new Copy().Execute(x);
        Pointer = (_copy ?? x).Pointer;
    }

    public nint Pointer { get; }

    public void Dispose() => _copy?.Dispose();
}
