namespace Gradwright.Examples.Digits;

/// <summary>What to train on and how.</summary>
internal sealed record DigitsOptions() : TrainingOptions(Epochs: 5, Batch: 100, LearningRate: 3e-3, Out: "digits-run")
{
    /// <summary>A folder with MNIST's idx files; null draws synthetic digits.</summary>
    public string? Data { get; init; }

    /// <summary>Threads for the kernels; null: one per core. The results do not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>Where to write the report; null: into the folder <see cref="TrainingOptions.Out"/>.</summary>
    public string? Report { get; init; }

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["--data"] = Data is null ? "synthetic digits" : Path.GetFullPath(Data),
    };
}
