namespace Gradwright.Data;

/// <summary>Reads a data set's pictures for what is learned from them: in their own order, a chunk at a time.</summary>
internal static class ImageReader
{
    /// <summary>Calls <paramref name="visit"/> with the number and the values of every picture; bytes are scaled to 0 … 1.</summary>
    /// <exception cref="DTypeException">The pictures are neither Float32 nor UInt8.</exception>
    public static void ForEach(IDataset data, Action<long, ReadOnlySpan<float>> visit)
    {
        RequirePixels(data.Input, "Reading pictures");
        foreach (SampleRows rows in SampleRows.Of(data, "Reading pictures"))
            for (int i = 0; i < rows.Count; i++) visit(rows.First + i, rows[i]);
    }

    /// <summary>The sum of each value over all pictures, and of its square.</summary>
    public static (double[] Sums, double[] Squares) Moments(IDataset data, ImageShape shape)
    {
        (double[] sums, double[] squares) = (new double[shape.Count], new double[shape.Count]);
        ForEach(data, (_, pixels) =>
        {
            for (int i = 0; i < pixels.Length; i++) (sums[i], squares[i]) = (sums[i] + pixels[i], squares[i] + (double)pixels[i] * pixels[i]);
        });
        return (sums, squares);
    }

    /// <summary>Refuses samples that are made of other numbers than pixels are here.</summary>
    public static void RequirePixels(SampleSpec input, string caller)
    {
        if (input.DType is not DType.Float32 and not DType.UInt8)
            throw new DTypeException($"{caller}: pictures are Float32, or UInt8 for 0 … 255, but samples are {input}. Let the data set convert them.");
    }
}
