namespace Gradwright.Examples.Digits;

/// <summary>What to train on and how.</summary>
internal sealed record DigitsOptions
{
    /// <summary>A folder with MNIST's idx files; null draws synthetic digits.</summary>
    public string? Data { get; init; }

    /// <summary>Fetch MNIST into the folder first.</summary>
    public bool Download { get; init; }

    public int Epochs { get; init; } = 5;
    public int Batch { get; init; } = 100;
    public double LearningRate { get; init; } = 3e-3;
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads for the kernels; null: one per core. The results do not depend on it.</summary>
    public int? Threads { get; init; }

    public string Out { get; init; } = "digits-run";

    /// <summary>Go on from the newest checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>Discard the checkpoints of an unfinished run.</summary>
    public bool Restart { get; init; }

    public int CheckpointEvery { get; init; } = 200;
    public string? Accelerator { get; init; }

    /// <summary>Use only so many training images, and a fifth as many to validate and to test.</summary>
    public int? Limit { get; init; }

    /// <summary>Where to write the report; null: into the folder <see cref="Out"/>.</summary>
    public string? Report { get; init; }

    /// <summary>The port at which the report can be watched, 0 for any free one; null: it cannot.</summary>
    public int? Watch { get; init; }

    /// <summary>What the bits of the trained model depend on.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["--data"] = Data is null ? "synthetic digits" : Path.GetFullPath(Data),
        ["--epochs"] = $"{Epochs}",
        ["--batch"] = $"{Batch}",
        ["--learning-rate"] = $"{LearningRate:R}",
        ["--seed"] = $"{Seed}",
        ["--limit"] = Limit is null ? "none" : $"{Limit}",
    };
}
