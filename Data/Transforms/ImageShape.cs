namespace Gradwright.Data;

/// <summary>The form of a picture in a transform: planes of rows, [channels, height, width].</summary>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Pixels of one channel.</summary>
    public int Plane => Height * Width;

    /// <summary>All values.</summary>
    public int Count => Channels * Height * Width;

    /// <summary>As a tensor's shape.</summary>
    public Shape ToShape() => [Channels, Height, Width];

    public override string ToString() => $"[{Channels}, {Height}, {Width}]";

    /// <summary>The form that samples of this tensor shape have.</summary>
    /// <exception cref="ShapeException">It is no [channels, height, width].</exception>
    internal static ImageShape Of(Shape shape, string caller) =>
        shape.Rank == 3 ? new(checked((int)shape[0]), checked((int)shape[1]), checked((int)shape[2]))
        : throw new ShapeException($"{caller}: samples of shape {shape} are no pictures: a transform takes [channels, height, width]. Reshape them in the data set, or use a SampleTransform.");
}
