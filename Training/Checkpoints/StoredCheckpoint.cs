namespace Gradwright.Training;

/// <summary>A checkpoint in a folder.</summary>
/// <param name="Step">The step at which it was saved.</param>
/// <param name="Path">Its file.</param>
public readonly record struct StoredCheckpoint(long Step, string Path)
{
    /// <summary>Loads it: <see cref="CheckpointFile.Load"/>.</summary>
    public Checkpoint Load(Accelerator? accelerator = null) => CheckpointFile.Load(Path, accelerator);
}
