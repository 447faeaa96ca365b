namespace Gradwright.Examples.Cifar10;

/// <summary>What to train on and how.</summary>
internal sealed record Cifar10Options() : TrainingOptions(Epochs: 7, Batch: 64, LearningRate: 0.05, Out: "cifar10-run")
{
    /// <summary>A folder with CIFAR-10's binary files.</summary>
    public required string Data { get; init; }

    /// <summary>When to stop at the latest; the rest is left for --resume.</summary>
    public double? Minutes { get; init; }

    /// <summary>Filters of the first convolutions. With 32 an epoch takes a third of the time of the usual 64, for about a percent of accuracy.</summary>
    public int Width { get; init; } = 32;

    public double Dropout { get; init; } = 0.2;

    /// <summary>Threads that prepare batches. The results do not depend on it.</summary>
    public int Workers { get; init; } = 1;

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["--width"] = $"{Width}",
        ["--dropout"] = $"{Dropout:R}",
    };
}
