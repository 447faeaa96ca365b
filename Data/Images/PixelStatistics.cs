namespace Gradwright.Data;

/// <summary>Mean and deviation of pixels that are bytes, and what bytes become by them.</summary>
internal static class PixelStatistics
{
    /// <summary>Of [channels, 256] counts of each byte, scaled to 0 … 1. Counts are integers: the same on every machine and in every order.</summary>
    public static (float[] Mean, float[] Deviation) Of(long[,] counts)
    {
        int channels = counts.GetLength(0);
        (float[] mean, float[] deviation) = (new float[channels], new float[channels]);
        for (int c = 0; c < channels; c++)
        {
            double n = 0, sum = 0, squares = 0;
            for (int v = 0; v < 256; v++)
            {
                n += counts[c, v];
                sum += counts[c, v] * (double)v;
                squares += counts[c, v] * (double)(v * v);
            }
            n = Math.Max(1, n);
            mean[c] = (float)(sum / n / 255);
            deviation[c] = (float)(Math.Sqrt(Math.Max(0, squares / n - sum / n * (sum / n))) / 255);
        }
        return (mean, deviation);
    }

    /// <summary>What each byte becomes, [channels, 256]: (byte / 255 − mean) / deviation of its channel.</summary>
    public static float[] Standardized(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        float[] values = new float[mean.Length * 256];
        for (int i = 0; i < values.Length; i++) values[i] = (i % 256 / 255f - mean[i / 256]) / deviation[i / 256];
        return values;
    }
}
