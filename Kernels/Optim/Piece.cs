using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>One tensor of a <see cref="FlatList"/> with up to four companions that lie in memory as it does.</summary>
internal struct Piece
{
    /// <summary>Place of its first element in the flat list.</summary>
    public long Start;

    /// <summary>Number of elements.</summary>
    public long Count;

    public DType DType;

    /// <summary>Addresses: the tensor that leads (a parameter, or a gradient to clip), a parameter's gradient and its states.</summary>
    public nint Lead, Gradient, First, Second, Third;

    /// <summary>The numbers of the rule for this tensor, which may depend on the parameter's own step.</summary>
    public InlineArray8<double> Numbers;
}
