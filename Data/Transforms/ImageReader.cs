using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>Reads a data set's pictures for what is learned from them: in their own order, a chunk at a time.</summary>
internal static class ImageReader
{
    private const int Chunk = 256;

    /// <summary>Calls <paramref name="visit"/> with the number and the values of every picture; bytes are scaled to 0 … 1.</summary>
    /// <exception cref="DTypeException">The pictures are neither Float32 nor UInt8.</exception>
    public static void ForEach(IDataset data, Action<long, ReadOnlySpan<float>> visit)
    {
        (SampleSpec input, int size) = (data.Input, checked((int)data.Input.Shape.Count));
        RequirePixels(input, "Reading pictures");
        byte[] inputs = new byte[checked(Chunk * input.ByteLength)], targets = new byte[checked(Chunk * data.Target.ByteLength)];
        long[] indices = new long[Chunk];
        float[] scaled = input.DType == DType.UInt8 ? new float[size] : [];
        for (long first = 0; first < data.Count; first += Chunk)
        {
            int count = (int)Math.Min(Chunk, data.Count - first);
            for (int i = 0; i < count; i++) indices[i] = first + i;
            data.Gather(indices.AsSpan(0, count), inputs.AsSpan(0, (int)(count * input.ByteLength)), targets.AsSpan(0, (int)(count * data.Target.ByteLength)));
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> bytes = inputs.AsSpan((int)(i * input.ByteLength), (int)input.ByteLength);
                if (input.DType == DType.UInt8)
                    for (int j = 0; j < size; j++) scaled[j] = bytes[j] / 255f;
                visit(first + i, input.DType == DType.UInt8 ? scaled : MemoryMarshal.Cast<byte, float>(bytes));
            }
        }
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
