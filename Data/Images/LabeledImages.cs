namespace Gradwright.Data;

/// <summary>
/// Images of one size in memory, one byte per channel and pixel (0 = background), each with a class label. Slices share the memory.
/// </summary>
public sealed class LabeledImages
{
    /// <summary>Wraps pixels of shape [count, channels, height, width] and labels of shape [count], without a copy.</summary>
    /// <exception cref="ArgumentException">The lengths do not agree, a size is not positive, or a label is not below
    /// <paramref name="classes"/>.</exception>
    public LabeledImages(ReadOnlyMemory<byte> pixels, ReadOnlyMemory<byte> labels, int channels, int height, int width, int classes)
    {
        if (channels < 1 || height < 1 || width < 1 || classes is < 1 or > 256)
            throw new ArgumentException($"Images need positive sizes and 1 to 256 classes, but {channels} channels, {height} × {width} pixels and " +
                $"{classes} classes were given.");
        if (pixels.Length != (long)labels.Length * channels * height * width)
            throw new ArgumentException($"{labels.Length} labels need {labels.Length} images of [{channels}, {height}, {width}], " +
                $"which is {(long)labels.Length * channels * height * width} bytes, but {pixels.Length} bytes of pixels were given.", nameof(pixels));
        int bad = classes == 256 ? -1 : labels.Span.IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        if (bad >= 0) throw new ArgumentException($"Labels must be 0 to {classes - 1}, but label {bad} is {labels.Span[bad]}.", nameof(labels));
        (Pixels, Labels, Channels, Height, Width, Classes) = (pixels, labels, channels, height, width, classes);
    }

    /// <summary>All pixels, [count, channels, height, width].</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>The class of each image, [count], 0 to <see cref="Classes"/> − 1.</summary>
    public ReadOnlyMemory<byte> Labels { get; }

    public int Count => Labels.Length;
    public int Channels { get; }
    public int Height { get; }
    public int Width { get; }
    public int Classes { get; }

    /// <summary>The pixels of one image, [channels, height, width].</summary>
    public ReadOnlySpan<byte> this[int index] => Pixels.Span.Slice(checked(index * ImageSize), ImageSize);

    /// <summary>The images of a range, sharing memory: <c>all[..55_000]</c> to train, <c>all[55_000..]</c> to validate.</summary>
    public LabeledImages this[Range range]
    {
        get
        {
            (int offset, int length) = range.GetOffsetAndLength(Count);
            return Slice(offset, length);
        }
    }

    /// <summary>The <paramref name="length"/> images from <paramref name="offset"/> on, sharing memory.</summary>
    public LabeledImages Slice(int offset, int length) =>
        new(Pixels.Slice(offset * ImageSize, length * ImageSize), Labels.Slice(offset, length), Channels, Height, Width, Classes);

    /// <summary>
    /// Mean and standard deviation of each channel over all images, of pixels scaled to 0 ... 1. Summed in integers: the same on every machine.
    /// </summary>
    public (float[] Mean, float[] Deviation) Statistics()
    {
        var counts = new long[Channels, 256];
        int plane = Height * Width;
        for (int i = 0; i < Count; i++)
            for (int j = 0; j < ImageSize; j++) counts[j / plane, this[i][j]]++;
        return PixelStatistics.Of(counts);
    }

    public override string ToString() => $"{Count} images [{Channels}, {Height}, {Width}] in {Classes} classes";

    private int ImageSize => Channels * Height * Width;
}
