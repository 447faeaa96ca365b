namespace Gradwright.Layers;

/// <summary>
/// How wide the border of a convolution is: one number for every axis, a number per axis as (height, width) or (depth, height, width), or <see cref="Same"/>.
/// </summary>
public readonly record struct Padding
{
    private const int SameCount = -1;

    private readonly int _count;        // of numbers that were given, or SameCount
    private readonly Size3 _widths;

    private Padding(int count, Size3 widths) => (_count, _widths) = (count, widths);

    /// <summary>As wide as keeps the sizes at stride 1: d(k − 1) per axis, where it is odd with one more at the end.</summary>
    public static Padding Same { get; } = new(SameCount, 0);

    internal bool IsSame => _count == SameCount;

    public static implicit operator Padding(int all) => new(1, all);
    public static implicit operator Padding(Size2 pair) => new(2, new(0, pair.Height, pair.Width));
    public static implicit operator Padding((int Height, int Width) pair) => new(2, new(0, pair.Height, pair.Width));
    public static implicit operator Padding(Size3 triple) => new(3, triple);
    public static implicit operator Padding((int Depth, int Height, int Width) triple) => new(3, triple);

    public override string ToString() => _count switch { SameCount => "Same", 2 => $"({_widths.Height}, {_widths.Width})", 3 => $"{_widths}", _ => $"{_widths.Width}" };

    /// <summary>The widths for a layer with so many axes; 0 along those that it does not have.</summary>
    internal Size3 For(string layer, int axes)
    {
        if (_count > 1 && _count != axes) throw new ArgumentException($"{layer}: the padding {this} has {_count} numbers, but the layer has {axes} spatial axes. Give one number per axis, or one for all.");
        return new(axes > 2 ? _widths.Depth : 0, axes > 1 ? _widths.Height : 0, _widths.Width);
    }
}
