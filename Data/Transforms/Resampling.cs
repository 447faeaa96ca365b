using System.Numerics;

namespace Gradwright.Data;

/// <summary>Pictures of single-precision planes in another size.</summary>
internal static class Resampling
{
    /// <summary>Makes a part of the picture, in pixels and fractions of them, a whole picture of height × width.</summary>
    public static void Resize(ImageCanvas picture, int height, int width, Interpolation interpolation, double top, double left, double partHeight, double partWidth)
    {
        if (interpolation == Interpolation.Nearest) Nearest(picture, height, width, top, left, partHeight, partWidth);
        else Linear(picture, height, width, top, left, partHeight, partWidth);
    }

    private static void Nearest(ImageCanvas picture, int height, int width, double top, double left, double partHeight, double partWidth)
    {
        ImageShape was = picture.Shape;
        Span<float> source = picture.Pixels, result = picture.Begin(was with { Height = height, Width = width });
        double down = partHeight / height, across = partWidth / width;
        for (int c = 0; c < was.Channels; c++)
            for (int y = 0; y < height; y++, result = result[width..])
            {
                Span<float> row = source.Slice(c * was.Plane + Math.Min((int)(top + (y + 0.5) * down), was.Height - 1) * was.Width, was.Width);
                for (int x = 0; x < width; x++) result[x] = row[Math.Min((int)(left + (x + 0.5) * across), was.Width - 1)];
            }

        picture.Commit();
    }

    // Rows first, by whole vectors; then along what they have become.
    private static void Linear(ImageCanvas picture, int height, int width, double top, double left, double partHeight, double partWidth)
    {
        ImageShape was = picture.Shape;
        ResampleWeights down = picture.Down.Set(was.Height, height, top, partHeight), across = picture.Across.Set(was.Width, width, left, partWidth);
        Span<float> source = picture.Pixels, result = picture.Begin(was with { Height = height, Width = width }), sums = picture.Row(was.Width);
        int begin = across.First(0);        // columns that the part has
        sums = sums[begin..(across.First(width - 1) + across.Count)];
        for (int c = 0; c < was.Channels; c++)
            for (int y = 0; y < height; y++, result = result[width..])
            {
                sums.Clear();
                for (int k = 0; k < down.Count; k++) AddScaled(source.Slice(c * was.Plane + (down.First(y) + k) * was.Width + begin, sums.Length), down.Of(y)[k], sums);
                for (int x = 0; x < width; x++)
                {
                    ReadOnlySpan<float> weights = across.Of(x), old = sums[(across.First(x) - begin)..];
                    float sum = 0;
                    for (int k = 0; k < weights.Length; k++) sum += old[k] * weights[k];
                    result[x] = sum;
                }
            }

        picture.Commit();
    }

    // sums += weight · row
    private static void AddScaled(ReadOnlySpan<float> row, float weight, Span<float> sums)
    {
        int i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(sums[i..]) + new Vector<float>(row[i..]) * weight).CopyTo(sums[i..]);
        for (; i < row.Length; i++) sums[i] += row[i] * weight;
    }
}
