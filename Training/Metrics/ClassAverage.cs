namespace Gradwright.Training;

/// <summary>How a measure of each class becomes one number.</summary>
public enum ClassAverage
{
    /// <summary>The mean over the classes that occur, as target or as prediction: each class counts alike.</summary>
    Macro,

    /// <summary>The measure of all classes' counts together: each sample counts alike.</summary>
    Micro,

    /// <summary>The mean weighted by how often each class is a target.</summary>
    Weighted,

    /// <summary>The measure of class 1 of two: the positive one.</summary>
    Binary,
}
