namespace Gradwright.Examples.Inspection;

/// <summary>What to train, shortly, before it is looked into.</summary>
internal sealed record InspectOptions
{
    /// <summary>Synthetic digits to learn from.</summary>
    public int Images { get; init; } = 6000;

    public int Epochs { get; init; } = 2;

    public ulong Seed { get; init; } = 1;

    /// <summary>The folder for the pictures.</summary>
    public string Out { get; init; } = "inspect-run";
}
