namespace Gradwright;

/// <summary>A number per spatial axis of an image; written as one number for both, or as (height, width).</summary>
public readonly record struct Size2(int Height, int Width)
{
    public static implicit operator Size2(int both) => new(both, both);
    public static implicit operator Size2((int Height, int Width) pair) => new(pair.Height, pair.Width);

    public override string ToString() => $"({Height}, {Width})";
}
