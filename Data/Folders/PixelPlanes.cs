namespace Gradwright.Data;

/// <summary>Pictures as numbers: from interleaved bytes to planes of (pixel / 255 − mean) / deviation.</summary>
internal sealed class PixelPlanes(ImageFolderOptions options)
{
    private readonly float[] _values =         // [channels, 256]: what each byte becomes
        PixelStatistics.Standardized([.. options.Mean ?? new float[options.Channels]], [.. options.Deviation ?? Enumerable.Repeat(1f, options.Channels)]);

    /// <summary>Puts a picture on a canvas.</summary>
    public void Load(Picture picture, ImageCanvas canvas)
    {
        Write(picture, canvas.Begin(new(picture.Channels, picture.Height, picture.Width)));
        canvas.Commit();
    }

    /// <summary>Writes [channels, height, width]. Colours are read once for all three planes.</summary>
    public void Write(Picture picture, Span<float> x)
    {
        int plane = picture.Width * picture.Height;
        ReadOnlySpan<byte> from = picture.Pixels;
        if (picture.Channels == 1)
        {
            for (int i = 0; i < from.Length; i++) x[i] = _values[from[i]];
            return;
        }

        Span<float> red = x[..plane], green = x.Slice(plane, red.Length), blue = x.Slice(2 * plane, red.Length);
        ReadOnlySpan<float> ofRed = _values.AsSpan(0, 256), ofGreen = _values.AsSpan(256, 256), ofBlue = _values.AsSpan(512, 256);
        for (int i = 0; i < red.Length && from.Length >= 3; i++, from = from[3..]) (red[i], green[i], blue[i]) = (ofRed[from[0]], ofGreen[from[1]], ofBlue[from[2]]);
    }
}
