namespace Gradwright.Examples.Pictures;

/// <summary>What to train on and how.</summary>
internal sealed record PicturesOptions() : TrainingOptions(Epochs: 12, Batch: 16, LearningRate: 5e-3, Out: "pictures-run")
{
    /// <summary>A folder with a folder of pictures for each class; null draws some.</summary>
    public string? Data { get; init; }

    /// <summary>Width and height that pictures are brought to.</summary>
    public int Side { get; init; } = 48;

    /// <summary>Filters of the first convolution.</summary>
    public int Width { get; init; } = 16;

    /// <summary>Refuse a folder with broken files, instead of leaving them out.</summary>
    public bool Strict { get; init; }

    /// <summary>Threads that prepare batches. The results do not depend on it.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Pictures to be named by the trained network, instead of training it.</summary>
    public IReadOnlyList<string> Predict { get; init; } = [];

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["--data"] = Data is null ? "drawn pictures" : Path.GetFullPath(Data),
        ["--side"] = $"{Side}",
        ["--width"] = $"{Width}",
    };
}
