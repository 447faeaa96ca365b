namespace Gradwright.Data;

/// <summary>A picture of 16 bits per channel, as scanners and depth cameras make them; otherwise as <see cref="Picture"/>.</summary>
public sealed class Picture16
{
    internal Picture16(int width, int height, int channels, ushort[] pixels) => (Width, Height, Channels, Pixels) = (width, height, channels, pixels);

    public int Width { get; }
    public int Height { get; }

    /// <summary>1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha.</summary>
    public int Channels { get; }

    /// <summary>All values, [height, width, channels], 0 to 65535.</summary>
    public ushort[] Pixels { get; }

    public override string ToString() => $"Picture16 {Width} × {Height} × {Channels}";
}
