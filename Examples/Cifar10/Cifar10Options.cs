namespace Gradwright.Examples.Cifar10;

/// <summary>What to train on and how.</summary>
internal sealed record Cifar10Options
{
    /// <summary>A folder with CIFAR-10's binary files.</summary>
    public required string Data { get; init; }

    /// <summary>Fetch them into the folder first.</summary>
    public bool Download { get; init; }

    public int Epochs { get; init; } = 7;

    /// <summary>When to stop at the latest; the rest is left for --resume.</summary>
    public double? Minutes { get; init; }

    public int Batch { get; init; } = 64;
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Filters of the first convolutions.</summary>
    public int Width { get; init; } = 64;

    public double Dropout { get; init; } = 0.2;
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads that prepare batches. The results do not depend on it.</summary>
    public int Workers { get; init; } = 1;

    public string Out { get; init; } = "cifar10-run";

    /// <summary>Go on from the newest checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>Discard the checkpoints of an unfinished run.</summary>
    public bool Restart { get; init; }

    public int CheckpointEvery { get; init; } = 200;
    public string? Accelerator { get; init; }

    /// <summary>The port at which the report can be watched, 0 for any free one; null: it cannot.</summary>
    public int? Watch { get; init; }

    /// <summary>Use only so many training images.</summary>
    public int? Limit { get; init; }

    /// <summary>What the bits of the trained model depend on.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["--epochs"] = $"{Epochs}",
        ["--batch"] = $"{Batch}",
        ["--learning-rate"] = $"{LearningRate:R}",
        ["--width"] = $"{Width}",
        ["--dropout"] = $"{Dropout:R}",
        ["--seed"] = $"{Seed}",
        ["--limit"] = Limit is null ? "none" : $"{Limit}",
    };
}
