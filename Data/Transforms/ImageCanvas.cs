using System.Numerics.Tensors;

namespace Gradwright.Data;

/// <summary>
/// A picture on its way through transforms, [channels, height, width] in single precision, with room for its next form. A loader's worker has one canvas for all
/// its samples: once the largest form has been met, nothing more is allocated.
/// </summary>
public sealed class ImageCanvas
{
    private float[] _pixels = [], _spare = [], _row = [];
    private ImageShape _next;

    /// <summary>The picture's form.</summary>
    public ImageShape Shape { get; private set; }

    /// <summary>All values, row-major.</summary>
    public Span<float> Pixels => _pixels.AsSpan(0, Shape.Count);

    /// <summary>One channel, [height, width].</summary>
    public Span<float> Plane(int channel) => _pixels.AsSpan(channel * Shape.Plane, Shape.Plane);

    /// <summary>
    /// Room for the next form, with any content. The present one stays readable until <see cref="Commit"/> puts the next in its place.
    /// </summary>
    public Span<float> Begin(ImageShape next)
    {
        _next = next;
        if (_spare.Length < next.Count) _spare = new float[next.Count];
        return _spare.AsSpan(0, next.Count);
    }

    /// <summary>What was written since <see cref="Begin"/> is the picture from now on.</summary>
    public void Commit()
    {
        (_pixels, _spare) = (_spare, _pixels);
        Shape = _next;
    }

    /// <summary>A copy of these values is the picture from now on.</summary>
    public void Load(ReadOnlySpan<float> pixels, ImageShape shape)
    {
        pixels[..shape.Count].CopyTo(Begin(shape));
        Commit();
    }

    /// <summary>Bytes, scaled to 0 … 1, are the picture from now on.</summary>
    public void Load(ReadOnlySpan<byte> pixels, ImageShape shape)
    {
        Span<float> to = Begin(shape);
        pixels = pixels[..to.Length];
        TensorPrimitives.ConvertTruncating(pixels, to);
        TensorPrimitives.Divide(to, 255f, to);
        Commit();
    }

    /// <summary>What resampling needs for columns and rows.</summary>
    internal ResampleWeights Across { get; } = new();

    internal ResampleWeights Down { get; } = new();

    /// <summary>Room for a row's sums, with any content.</summary>
    internal Span<float> Row(int length)
    {
        if (_row.Length < length) _row = new float[length];
        return _row.AsSpan(0, length);
    }
}
