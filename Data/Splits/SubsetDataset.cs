using System.Buffers;

namespace Gradwright.Data;

/// <summary>Some samples of a data set, in an order of its own: sample i is sample indices[i] of the whole.</summary>
public sealed class SubsetDataset : IDataset
{
    private readonly IDataset _whole;
    private readonly long[] _indices;

    /// <summary>The samples with these numbers.</summary>
    /// <exception cref="ArgumentException">A number is not in the data set.</exception>
    public SubsetDataset(IDataset whole, ReadOnlySpan<long> indices)
    {
        ArgumentNullException.ThrowIfNull(whole);
        (_whole, _indices) = (whole, indices.ToArray());
        int bad = Array.FindIndex(_indices, i => i < 0 || i >= whole.Count);
        if (bad >= 0) throw new ArgumentException($"SubsetDataset: samples are 0 to {whole.Count - 1}, but number {bad} of those given is " +
            $"{_indices[bad]}.", nameof(indices));
    }

    /// <summary>The samples' numbers in the whole data set.</summary>
    public ReadOnlySpan<long> Indices => _indices;

    public long Count => _indices.Length;

    public SampleSpec Input => _whole.Input;

    public SampleSpec Target => _whole.Target;

    public bool KeepsSizes => _whole.KeepsSizes;

    public string NameOf(long index) => _whole.NameOf(_indices[index]);

    public void Load(long index, ImageCanvas picture, Span<byte> target) => _whole.Load(_indices[index], picture, target);

    public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
    {
        long[] mapped = ArrayPool<long>.Shared.Rent(indices.Length);
        try
        {
            for (int i = 0; i < indices.Length; i++) mapped[i] = _indices[indices[i]];
            _whole.Gather(mapped.AsSpan(0, indices.Length), inputs, targets);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(mapped);
        }
    }
}
