using Gradwright.Training;
using Gradwright.Watch;

namespace Gradwright.Examples;

/// <summary>Where a training leaves its files: the model, pictures, and in a folder of their own the checkpoints.</summary>
internal sealed class RunFolder(string path, TextWriter output)
{
    public string ModelPath => this["model.safetensors"];

    /// <summary>A file in it.</summary>
    public string this[string name] => Path.Combine(path, name);

    public CheckpointFolder Checkpoints { get; } = new(Path.Combine(path, "checkpoints"), report: output.WriteLine);

    /// <summary>It is better to know before the training than after it.</summary>
    public void RequireWritable()
    {
        try
        {
            Directory.CreateDirectory(path);
            File.Create(this[$"{Guid.NewGuid():N}.tmp"], 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Nothing can be written to {Path.GetFullPath(path)} ({e.Message.TrimEnd('.')}). Choose another folder with --out.", e);
        }
    }

    /// <summary>A new run must not lose the work of an older one, nor mix with it.</summary>
    public void RequireFresh(bool resume, bool restart)
    {
        if (resume || Checkpoints.List() is not [.., { } last]) return;
        bool finished = File.Exists(ModelPath) && File.GetLastWriteTimeUtc(ModelPath) >= File.GetLastWriteTimeUtc(last.Path);
        if (!finished && !restart)
            throw new InvalidOperationException($"{Checkpoints.Path} holds an unfinished run at step {last.Step}. Go on with it: add --resume. Discard it: add --restart. Or choose another folder with --out.");
        foreach (StoredCheckpoint stored in Checkpoints.List()) File.Delete(stored.Path);
    }

    /// <summary>Who looks on while a network is trained: progress, the report, and where it is asked for its watcher.</summary>
    public IReadOnlyList<ITrainingCallback> Callbacks(HtmlReport report, WatchServer? watch) =>
        [ReferenceEquals(output, Console.Out) ? new ConsoleProgress() : new ConsoleProgress(output), report, .. watch is null ? [] : (ITrainingCallback[])[watch]];

    /// <summary>Goes on from the newest checkpoint, and says from where.</summary>
    public void Resume(Trainer trainer, long steps) =>
        output.WriteLine(trainer.Resume() ? $"Resumed at step {trainer.Step:N0} of {steps:N0}." : $"There is no whole checkpoint in {Checkpoints.Path}: starting from the beginning.");
}
