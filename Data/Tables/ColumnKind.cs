namespace Gradwright.Data;

/// <summary>What a column of a table becomes.</summary>
public enum ColumnKind
{
    /// <summary>One input: the number, minus the mean of the training part, over its standard deviation.</summary>
    Number,

    /// <summary>One input: the number as it is.</summary>
    RawNumber,

    /// <summary>One input per category of the training part: 1 for the row's own, 0 for the others, and for all where it was not seen.</summary>
    OneHot,

    /// <summary>One input: the category's number in order, from 0; how many there are where it was not seen.</summary>
    Index,

    /// <summary>The target: the number as it is, Float32 [1].</summary>
    Target,

    /// <summary>
    /// The target: the number, minus the mean of the training part, over its standard deviation, Float32 [1]. <see cref="TableEncoder.Restore"/> turns predictions back
    /// into the column's unit.
    /// </summary>
    ScaledTarget,

    /// <summary>The target: the class's number in order, Int64 []. Classes that were not seen in training are refused.</summary>
    TargetClass,
}
