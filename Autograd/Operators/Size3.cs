namespace Gradwright;

/// <summary>A number per spatial axis of a volume; written as one number for all, or as (depth, height, width).</summary>
public readonly record struct Size3(int Depth, int Height, int Width)
{
    public static implicit operator Size3(int all) => new(all, all, all);
    public static implicit operator Size3((int Depth, int Height, int Width) triple) => new(triple.Depth, triple.Height, triple.Width);

    public override string ToString() => $"({Depth}, {Height}, {Width})";
}
