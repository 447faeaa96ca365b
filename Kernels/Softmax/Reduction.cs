namespace Gradwright;

/// <summary>What becomes of the losses of the samples.</summary>
public enum Reduction
{
    /// <summary>They stay as they are, one per sample.</summary>
    None,

    /// <summary>Their mean, weighted if the classes are; NaN if no sample counts.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,
}
