namespace Gradwright.Kernels;

/// <summary>One tensor of a <see cref="FlatList"/> with up to three companions that lie in memory as it does.</summary>
internal struct Piece
{
    /// <summary>Place of its first element in the flat list.</summary>
    public long Start;

    /// <summary>Number of elements.</summary>
    public long Count;

    public DType DType;

    /// <summary>Addresses: the tensor that leads (a parameter, or a gradient to clip), a parameter's gradient and its states.</summary>
    public nint Lead, Gradient, First, Second;

    /// <summary>Adam's α / (1 − β₁ᵗ) and 1 / √(1 − β₂ᵗ), which depend on the parameter's own step t.</summary>
    public double StepSize, RootScale;
}
