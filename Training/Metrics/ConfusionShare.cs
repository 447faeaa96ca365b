namespace Gradwright.Training;

/// <summary>What the cells of a <see cref="ConfusionMatrix"/> are shares of.</summary>
public enum ConfusionShare
{
    /// <summary>Of the samples of the cell's target class: rows sum to 1, the diagonal is the recall.</summary>
    OfTargets,

    /// <summary>Of the samples that were given the cell's class: columns sum to 1, the diagonal is the precision.</summary>
    OfPredictions,

    /// <summary>Of all samples.</summary>
    OfAll,
}
