using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>Some samples of a data set that follow each other, as rows of numbers.</summary>
/// <param name="First">The number of the first.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Size">Numbers in a sample.</param>
/// <param name="Values">[at least count, size].</param>
/// <param name="Targets">The targets' bytes.</param>
internal readonly record struct SampleRows(long First, int Count, int Size, float[] Values, byte[] Targets)
{
    private const int Chunk = 256;

    public ReadOnlySpan<float> this[int row] => Values.AsSpan(row * Size, Size);

    /// <summary>A data set's samples in their own order, a chunk at a time, in memory that the next chunk overwrites. Bytes are scaled to 0 … 1.</summary>
    /// <exception cref="DTypeException">The samples are neither Float32 nor UInt8.</exception>
    public static IEnumerable<SampleRows> Of(IDataset data, string caller)
    {
        SampleSpec input = data.Input;
        if (input.DType is not DType.Float32 and not DType.UInt8)
            throw new DTypeException($"{caller}: expected samples of Float32, or of UInt8 for 0 … 255, but they are {input}. Let the data set convert them.");
        int size = checked((int)input.Shape.Count), chunk = (int)Math.Min(Chunk, data.Count);
        byte[] inputs = new byte[checked(chunk * input.ByteLength)], targets = new byte[checked(chunk * data.Target.ByteLength)];
        float[] values = new float[chunk * size];
        long[] indices = new long[chunk];
        for (long first = 0; first < data.Count; first += chunk)
        {
            int count = (int)Math.Min(chunk, data.Count - first);
            for (int i = 0; i < count; i++) indices[i] = first + i;
            data.Gather(indices.AsSpan(0, count), inputs.AsSpan(0, (int)(count * input.ByteLength)), targets.AsSpan(0, (int)(count * data.Target.ByteLength)));
            if (input.DType == DType.Float32) MemoryMarshal.Cast<byte, float>(inputs.AsSpan()).CopyTo(values);
            else
                for (int i = 0; i < count * size; i++) values[i] = inputs[i] / 255f;
            yield return new(first, count, size, values, targets);
        }
    }

    /// <summary>What a map makes of each sample, computed once on all cores and held in memory, with the targets as they were.</summary>
    /// <param name="data">The samples.</param>
    /// <param name="features">Numbers in a result.</param>
    /// <param name="caller">Who asks, for errors.</param>
    /// <param name="map">From a sample's numbers to its result; without a state, because several threads call it.</param>
    /// <returns>Float32 [features].</returns>
    /// <exception cref="SampleException">The map threw; the message names the sample.</exception>
    public static IDataset Map(IDataset data, int features, string caller, SampleMap map)
    {
        if (data.Count * features > Array.MaxLength || data.Count * data.Target.ByteLength > Array.MaxLength)
            throw new ArgumentException($"{caller}: {data.Count} samples of {features} numbers are more than one array holds ({Array.MaxLength}). Encode parts of the data set.");
        float[] results = new float[data.Count * features];
        byte[] targets = new byte[data.Count * data.Target.ByteLength];
        foreach (SampleRows rows in Of(data, caller))
        {
            rows.Targets.AsSpan(0, (int)(rows.Count * data.Target.ByteLength)).CopyTo(targets.AsSpan((int)(rows.First * data.Target.ByteLength)));
            Exception?[] failures = new Exception?[rows.Count];
            Parallel.For(0, rows.Count, i => failures[i] = Try(map, rows[i], results.AsSpan((int)((rows.First + i) * features), features)));
            int failed = Array.FindIndex(failures, e => e is not null);         // the first, whichever thread met one first
            if (failures.ElementAtOrDefault(failed) is { } failure)
                throw new SampleException($"{caller}: {data.NameOf(rows.First + failed)} could not be encoded: {failure.Message}", failure);
        }

        return new MappedSamples(data, results, features, targets);
    }

    private static Exception? Try(SampleMap map, ReadOnlySpan<float> sample, Span<float> result)
    {
        try
        {
            map(sample, result);
            return null;
        }
#pragma warning disable CA1031 // thrown again, with the sample's name
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    // Names stay those of the source, so that errors still tell the file.
    private sealed class MappedSamples(IDataset source, float[] results, int features, byte[] targets) : IDataset
    {
        public long Count => source.Count;

        public SampleSpec Input { get; } = new(DType.Float32, [features]);

        public SampleSpec Target => source.Target;

        public string NameOf(long index) => source.NameOf(index);

        public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> into)
        {
            Span<float> x = MemoryMarshal.Cast<byte, float>(inputs);
            int size = (int)Target.ByteLength;
            for (int i = 0; i < indices.Length; i++)
            {
                int index = checked((int)indices[i]);
                results.AsSpan(index * features, features).CopyTo(x[(i * features)..]);
                targets.AsSpan(index * size, size).CopyTo(into[(i * size)..]);
            }
        }
    }
}

/// <summary>Makes a sample's numbers into others.</summary>
internal delegate void SampleMap(ReadOnlySpan<float> sample, Span<float> result);
