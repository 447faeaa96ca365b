namespace Gradwright.Data;

/// <summary>An 8-bit picture in memory, rows from the top, channels interleaved: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.</summary>
public sealed class Picture
{
    /// <summary>Wraps pixels of shape [height, width, channels] without a copy.</summary>
    /// <exception cref="ArgumentException">A size is not positive, there are not 1 to 4 channels, or the number of bytes is another one.</exception>
    public Picture(int width, int height, int channels, byte[] pixels)
    {
        if (width < 1 || height < 1 || channels is < 1 or > 4)
            throw new ArgumentException($"A picture needs a positive width and height and 1 to 4 channels, but {width} × {height} × {channels} " +
                "was asked for.");
        if (pixels.Length != (long)width * height * channels)
            throw new ArgumentException($"A picture of {width} × {height} with {channels} channels has {(long)width * height * channels} bytes, " +
                $"but {pixels.Length} were given.", nameof(pixels));
        (Width, Height, Channels, Pixels) = (width, height, channels, pixels);
    }

    /// <summary>A black (with alpha: transparent) picture.</summary>
    public Picture(int width, int height, int channels)
        : this(width, height, channels, new byte[checked(Math.Max(width, 0) * Math.Max(height, 0) * Math.Max(channels, 0))])
    {
    }

    public int Width { get; }
    public int Height { get; }
    public int Channels { get; }

    /// <summary>All bytes, [height, width, channels].</summary>
    public byte[] Pixels { get; }

    /// <summary>One row, [width, channels].</summary>
    public Span<byte> Row(int y) => Pixels.AsSpan(checked(y * Width * Channels), Width * Channels);

    /// <summary>The channels of one pixel.</summary>
    public Span<byte> this[int x, int y] => Row(y).Slice(x * Channels, Channels);

    public override string ToString() => $"Picture {Width} × {Height} × {Channels}";
}
