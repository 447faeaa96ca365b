namespace Gradwright;

/// <summary>An accelerator that is here, or the reason why there is none of a kind.</summary>
/// <param name="Name">What <see cref="Accelerator.Open"/> takes; the kind alone (<c>cuda</c>) where there is none.</param>
/// <param name="IsAvailable">Whether it is here.</param>
/// <param name="Description">What it is, or what is missing and what to install.</param>
public sealed record AcceleratorReport(string Name, bool IsAvailable, string Description)
{
    /// <summary>What a GPU can do.</summary>
    public GpuTraits? Traits { get; init; }
}
