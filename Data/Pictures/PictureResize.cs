using System.Numerics;

namespace Gradwright.Data;

/// <summary>
/// Changes the size of pictures. Each new pixel is a mean of the old ones under a triangle as wide as a new pixel's distance, at least one old pixel each
/// way: linear interpolation where pictures grow, free of aliasing where they shrink. Columns first, then rows, in single precision, rounded at the end.
/// </summary>
public static class PictureResize
{
    /// <summary>The whole picture in another size.</summary>
    public static Picture Resize(this Picture picture, int width, int height) => picture.Resize(width, height, 0, 0, picture.Width, picture.Height);

    /// <summary>A part of the picture in another size.</summary>
    /// <param name="picture">The picture; it stays as it is.</param>
    /// <param name="width">The new width.</param>
    /// <param name="height">The new height.</param>
    /// <param name="left">Where the part begins, in pixels and fractions of them.</param>
    /// <param name="top">Where the part begins.</param>
    /// <param name="partWidth">How wide the part is.</param>
    /// <param name="partHeight">How high the part is.</param>
    /// <exception cref="ArgumentException">A size is not positive, or the part is not in the picture.</exception>
    public static Picture Resize(this Picture picture, int width, int height, double left, double top, double partWidth, double partHeight)
    {
        ArgumentNullException.ThrowIfNull(picture);
        const double tolerance = 1e-6;
        if (width < 1 || height < 1 || !(partWidth > 0 && partHeight > 0 && left >= 0 && top >= 0) ||
            left + partWidth > picture.Width + tolerance || top + partHeight > picture.Height + tolerance)
            throw new ArgumentException($"Resize: expected a positive size and a part of {picture}, but {width} × {height} and {partWidth} × {partHeight} " +
                $"at ({left}, {top}) were given.");
        if (left == 0 && top == 0 && partWidth == picture.Width && partHeight == picture.Height && (width, height) == (picture.Width, picture.Height)) return picture;
        if ((partWidth, partHeight) == (width, height) && double.IsInteger(left) && double.IsInteger(top)) return Cut(picture, (int)left, (int)top, width, height);
        ResampleWeights across = new ResampleWeights().Set(picture.Width, width, left, partWidth), down = new ResampleWeights().Set(picture.Height, height, top, partHeight);
        Picture result = new(width, height, picture.Channels);
        float[] sums = new float[picture.Width * picture.Channels];         // one row of the new height, still of the old width
        for (int y = 0; y < height; y++)
        {
            sums.AsSpan().Clear();
            for (int k = 0; k < down.Count; k++) AddScaled(picture.Row(down.First(y) + k), down.Of(y)[k], sums);
            Across(sums, result.Row(y), across, picture.Channels);
        }
        return result;
    }

    private static Picture Cut(Picture picture, int left, int top, int width, int height)
    {
        Picture part = new(width, height, picture.Channels);
        for (int y = 0; y < height; y++) picture.Row(top + y).Slice(left * picture.Channels, width * picture.Channels).CopyTo(part.Row(y));
        return part;
    }

    // sums += weight · row
    private static void AddScaled(ReadOnlySpan<byte> row, float weight, Span<float> sums)
    {
        sums = sums[..row.Length];
        int i = 0, quarter = Vector<float>.Count;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
            Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
            Add(first, sums[i..]);
            Add(second, sums[(i + quarter)..]);
            Add(third, sums[(i + 2 * quarter)..]);
            Add(fourth, sums[(i + 3 * quarter)..]);
        }
        for (; i < row.Length; i++) sums[i] += row[i] * weight;

        void Add(Vector<uint> values, Span<float> to) => (new Vector<float>(to) + Vector.ConvertToSingle(Vector.AsVectorInt32(values)) * weight).CopyTo(to);
    }

    private static void Across(ReadOnlySpan<float> source, Span<byte> target, ResampleWeights across, int channels)
    {
        for (int x = 0; x < target.Length / channels; x++)
        {
            ReadOnlySpan<float> weights = across.Of(x);
            ReadOnlySpan<float> from = source.Slice(across.First(x) * channels, weights.Length * channels);
            for (int c = 0; c < channels; c++)
            {
                float sum = 0.5f;                   // rounds to the nearest
                for (int k = 0, at = c; k < weights.Length; k++, at += channels) sum += from[at] * weights[k];
                target[x * channels + c] = (byte)Math.Clamp(sum, 0, 255);
            }
        }
    }
}
