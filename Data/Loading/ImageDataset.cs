using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>
/// Labelled images as samples: input Float32 [channels, height, width] = (pixel / 255 − mean) / deviation with a mean and deviation per channel,
/// target Int64 [] = the class.
/// </summary>
public sealed class ImageDataset : IDataset
{
    private readonly LabeledImages _images;
    private readonly float[] _values;   // [channels, 256]: what each byte becomes

    /// <summary>Images scaled to 0 ... 1.</summary>
    public ImageDataset(LabeledImages images) : this(images, new float[images.Channels], Enumerable.Repeat(1f, images.Channels).ToArray())
    {
    }

    /// <summary>
    /// Images standardized by a mean and a deviation (of pixels scaled to 0 ... 1) per channel, commonly those of the training images:
    /// <see cref="LabeledImages.Statistics"/>.
    /// </summary>
    /// <exception cref="ArgumentException">There is not one mean and one positive deviation per channel.</exception>
    public ImageDataset(LabeledImages images, ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        int channels = images.Channels;
        if (mean.Length != channels || deviation.Length != channels || deviation.ContainsAnyExceptInRange(float.Epsilon, float.MaxValue))
            throw new ArgumentException($"ImageDataset: {images} need one mean and one positive deviation for each of {channels} channels, " +
                $"but [{string.Join(", ", mean.ToArray())}] and [{string.Join(", ", deviation.ToArray())}] were given.");
        _images = images;
        Input = new(DType.Float32, [channels, images.Height, images.Width]);
        _values = PixelStatistics.Standardized(mean, deviation);
    }

    public long Count => _images.Count;

    public SampleSpec Input { get; }

    public SampleSpec Target { get; } = new(DType.Int64, []);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
    {
        Span<float> x = MemoryMarshal.Cast<byte, float>(inputs);   // [indices, channels, plane]
        Span<long> y = MemoryMarshal.Cast<byte, long>(targets);    // [indices]
        int plane = _images.Height * _images.Width;
        for (int i = 0; i < indices.Length; i++)
        {
            int index = checked((int)indices[i]);
            ReadOnlySpan<byte> pixels = _images[index];
            y[i] = _images.Labels.Span[index];
            for (int c = 0; c < _images.Channels; c++, x = x[plane..])
            {
                ReadOnlySpan<float> values = _values.AsSpan(256 * c, 256);
                ReadOnlySpan<byte> from = pixels.Slice(c * plane, plane);
                for (int j = 0; j < from.Length; j++) x[j] = values[from[j]];
            }
        }
    }
}
