namespace Gradwright.Data;

/// <summary>How an <see cref="ImageList"/> reads its list.</summary>
public sealed record ImageListOptions
{
    /// <summary>Whether the first line names the columns.</summary>
    public bool HasHeader { get; init; }

    /// <summary>The names of the classes, in the order of their labels; null: those that occur, in the order of their names, or the numbers.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The number of the first class, where labels are numbers: 1 in ImageNet's ground truth.</summary>
    public int FirstLabel { get; init; }
}
