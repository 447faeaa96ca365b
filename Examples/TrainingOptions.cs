using Gradwright.Optim;

namespace Gradwright.Examples;

/// <summary>What to train on and how: all that the commands which train a network on pictures have in common.</summary>
/// <param name="Epochs">How often to go through the training images.</param>
/// <param name="Batch">Images per step.</param>
/// <param name="LearningRate">The highest of the schedule.</param>
/// <param name="Out">The folder for what the training leaves.</param>
internal abstract record TrainingOptions(int Epochs, int Batch, double LearningRate, string Out)
{
    public ulong Seed { get; init; } = 1;

    /// <summary>Fetch the data set into its folder first.</summary>
    public bool Download { get; init; }

    /// <summary>Go on from the newest checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>Discard the checkpoints of an unfinished run.</summary>
    public bool Restart { get; init; }

    public int CheckpointEvery { get; init; } = 200;
    public string? Accelerator { get; init; }

    /// <summary>Use only so many training images.</summary>
    public int? Limit { get; init; }

    /// <summary>The port at which the report can be watched, 0 for any free one; null: it cannot.</summary>
    public int? Watch { get; init; }

    /// <summary>What the bits of the trained model depend on.</summary>
    public virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["--epochs"] = $"{Epochs}",
        ["--batch"] = $"{Batch}",
        ["--learning-rate"] = $"{LearningRate:R}",
        ["--seed"] = $"{Seed}",
        ["--limit"] = Limit is null ? "none" : $"{Limit}",
    };

    /// <summary>Up to the learning rate during a share of all steps, then down a cosine.</summary>
    public Schedule Schedule(long steps, double warmupShare)
    {
        long warmup = Math.Max(1, (long)(warmupShare * steps));
        return Optim.Schedule.Warmup(warmup).Then(Optim.Schedule.Cosine(LearningRate, Math.Max(1, steps - warmup)));
    }

    /// <summary>Reads a data set; if it is not there, the error tells of <see cref="Download"/>.</summary>
    public static T Read<T>(Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new IOException($"{e.Message} Here, --download does that.", e);
        }
    }
}
