namespace Gradwright.Kernels;

/// <summary>All sizes of one pooling, checked.</summary>
internal readonly struct PoolShape
{
    // Bytes of a plane's rows that are worked on at a time: half of L1.
    private const int StripBytes = 24 << 10;

    // Elements worth a task.
    private const int TaskElements = 32 << 10;

    /// <summary>Channels of all images: every one is pooled on its own.</summary>
    public readonly int Planes;
    public readonly WindowPlane Plane;

    private readonly long _images, _channels;

    /// <param name="op">Whom errors name: the pooling or its gradient.</param>
    /// <param name="vertical">The window along H.</param>
    /// <param name="horizontal">The window along W.</param>
    /// <param name="ceiling">Whether windows that hang over the end count.</param>
    /// <param name="input">[N, C, H, W].</param>
    public PoolShape(Op op, Window vertical, Window horizontal, bool ceiling, Shape input)
    {
        long height = vertical.Positions(op, "height", input[2], ceiling), width = horizontal.Positions(op, "width", input[3], ceiling);
        if (2L * vertical.Padding > vertical.Extent || 2L * horizontal.Padding > horizontal.Extent)
            throw new ShapeException($"{op.Name}: padding ({vertical.Padding}, {horizontal.Padding}) exceeds half of the window, whose extent is ({vertical.Extent}, {horizontal.Extent}); some windows would see nothing but border. Pad less.");
        (_images, _channels) = (input[0], input[1]);
        Planes = checked((int)(input[0] * input[1]));
        Plane = new(vertical, horizontal, input[2], input[3], height, width);
    }

    public Shape Output => Shape.Create(_images, _channels, Plane.OutputHeight, Plane.OutputWidth);

    public int Taps => Plane.Vertical.Size * Plane.Horizontal.Size;

    /// <summary>Elementary operations of a pass.</summary>
    public double Work => (double)Planes * Math.Max(Plane.ImagePixels, Plane.OutputPixels * (double)Taps);

    /// <summary>How many parts, as equal as rows allow, a plane of elements of so many bytes is worked on in.</summary>
    public int Strips(int size)
    {
        int rows = (int)Math.Clamp(StripBytes / size / Plane.OutputStep, 1, Plane.OutputHeight);
        return (Plane.OutputHeight + rows - 1) / rows;
    }

    /// <summary>Planes of a task.</summary>
    public int TaskPlanes => Math.Max(1, TaskElements / Math.Max(Plane.ImagePixels, Plane.OutputPixels));

    /// <summary>A byte holds a position in a window of up to 256 elements.</summary>
    public static DType IndexType(Window vertical, Window horizontal) => (long)vertical.Size * horizontal.Size <= 256 ? DType.UInt8 : DType.Int32;
}

/// <summary>The operands of a pass: the side of the image, the side of the windows, and positions in them or 0.</summary>
internal struct PoolArguments
{
    public PoolShape Shape;
    public nint Image, Windows, Index;
    public DType IndexType;
    public bool CountsPadding;
}
