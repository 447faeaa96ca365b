namespace Gradwright.Training;

/// <summary>A confusion matrix as numbers.</summary>
/// <param name="Classes">How many classes there are.</param>
/// <param name="Counts">[target, prediction], row by row.</param>
public sealed record ConfusionView(int Classes, IReadOnlyList<long> Counts);
