namespace Gradwright.Data;

/// <summary>One round of a cross-validation: sample numbers to train with, and to validate with.</summary>
public sealed record Fold(IReadOnlyList<long> Train, IReadOnlyList<long> Validation)
{
    /// <summary>Both parts of a data set.</summary>
    public (SubsetDataset Train, SubsetDataset Validation) Of(IDataset dataset) => (new(dataset, [.. Train]), new(dataset, [.. Validation]));
}
