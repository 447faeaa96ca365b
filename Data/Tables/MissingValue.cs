namespace Gradwright.Data;

/// <summary>What to do about missing values of a column.</summary>
public enum MissingValue
{
    /// <summary>Stop, and say where it is.</summary>
    Refuse,

    /// <summary>Leave out the row.</summary>
    DropRow,

    /// <summary>Put the mean of the training part there.</summary>
    Mean,

    /// <summary>Put the median of the training part there.</summary>
    Median,

    /// <summary>Put the value there that is most frequent in the training part; of equally frequent ones the first in order.</summary>
    MostFrequent,
}
