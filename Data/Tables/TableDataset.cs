namespace Gradwright.Data;

/// <summary>Rows of a table as samples: input Float32 [features], target Float32 [1] or Int64 [] for classes. <see cref="TableEncoder"/> makes it.</summary>
public sealed class TableDataset : IDataset
{
    private readonly IDataset _samples;
    private readonly int[] _rows, _labels;

    internal TableDataset(IDataset samples, int[] rows, int dropped, int[] labels) => (_samples, _rows, DroppedRows, _labels) = (samples, rows, dropped, labels);

    public long Count => _samples.Count;

    public SampleSpec Input => _samples.Input;

    public SampleSpec Target => _samples.Target;

    /// <summary>The row of the table that each sample comes from.</summary>
    public ReadOnlySpan<int> Rows => _rows;

    /// <summary>Rows left out because of a missing value.</summary>
    public int DroppedRows { get; }

    /// <summary>The class of each sample, for stratified splits and balanced samplers; empty where the target is a number.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets) => _samples.Gather(indices, inputs, targets);
}
