namespace Gradwright.Training;

/// <summary>Which of two scores is better.</summary>
public enum SearchGoal
{
    /// <summary>The larger: accuracy.</summary>
    Maximize,

    /// <summary>The smaller: loss.</summary>
    Minimize,
}
