using System.Globalization;

namespace Gradwright.Training;

/// <summary>
/// The checkpoints of one run: <c>step-000001200.checkpoint</c> and so on. Keeps the newest few. A run may be killed at any moment; what it leaves behind
/// is found, reported and, if it is a damaged checkpoint, left for a person to look at. Files of other names are never touched.
/// </summary>
/// <example><code>
/// var folder = new CheckpointFolder("runs/digits");
/// using (new TensorScope())
/// {
///     if (folder.Latest() is { } newest) Restore(newest.Load());
/// }
/// </code></example>
public sealed class CheckpointFolder
{
    private const string Prefix = "step-", Suffix = ".checkpoint";

    private readonly int _keep;
    private readonly Action<string> _report;
    private readonly Dictionary<string, string?> _verdicts = [];     // by path: null is whole, else why not; so that each file is read only once
    private readonly HashSet<string> _later = [];                    // reported once as later than what was saved

    /// <summary>Checkpoints in a folder, which is made when the first is saved.</summary>
    /// <param name="folder">The folder; only one run at a time may save there.</param>
    /// <param name="keep">How many whole checkpoints to keep, at least 1.</param>
    /// <param name="report">Hears of damaged files and other surprises; the standard error stream does if nobody else.</param>
    public CheckpointFolder(string folder, int keep = 3, Action<string>? report = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keep);
        (Path, _keep, _report) = (System.IO.Path.GetFullPath(folder), keep, report ?? Console.Error.WriteLine);
    }

    /// <summary>The folder's full name.</summary>
    public string Path { get; }

    /// <summary>Every checkpoint by name, oldest first, whole or not; none where there is no folder yet.</summary>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public IReadOnlyList<StoredCheckpoint> List()
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(Path, Prefix + "*" + Suffix)
                    .Select(path => new StoredCheckpoint(StepOf(System.IO.Path.GetFileName(path)), path))
                    .Where(stored => stored.Step >= 0).OrderBy(stored => stored.Step),
            ];
        }
        catch (DirectoryNotFoundException)      // to ask beforehand would take one that may not be looked for as missing, and a training would begin anew
        {
            return [];
        }
    }

    /// <summary>The whole checkpoint of the highest step, or null if there is none. Reports each newer one that it passes over, with the reason.</summary>
    public StoredCheckpoint? Latest()
    {
        _verdicts.Clear();      // files may have been repaired or damaged since
        foreach (StoredCheckpoint stored in List().Reverse())
        {
            if (Verdict(stored) is not { } reason) return stored;
            _report($"Passed over a checkpoint: {reason}");
        }

        return null;
    }

    /// <summary>Saves a checkpoint under its step's name; only then, deletes the oldest whole ones beyond those to keep.</summary>
    /// <returns>The new file.</returns>
    public StoredCheckpoint Save(long step, Checkpoint checkpoint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var stored = new StoredCheckpoint(step, System.IO.Path.Combine(Path, NameOf(step)));
        CheckpointFile.Save(stored.Path, checkpoint);
        _verdicts[stored.Path] = null;
        Prune(stored);
        DeleteLeftovers();
        return stored;
    }

    /// <summary>Tells whoever hears of surprises.</summary>
    internal void Report(string surprise) => _report(surprise);

    private void Prune(StoredCheckpoint saved)
    {
        int whole = 1;
        foreach (StoredCheckpoint stored in List().Reverse())
        {
            if (stored.Step == saved.Step) continue;
            bool known = _verdicts.ContainsKey(stored.Path);
            if (Verdict(stored) is { } reason)
            {
                if (!known) _report($"Left a damaged checkpoint in place, delete it by hand when it is of no use: {reason}");
            }
            else if (++whole > _keep)
            {
                Delete(stored.Path);
            }
            else if (stored.Step > saved.Step && _later.Add(stored.Path))
            {
                _report($"{stored.Path} is of a later step than the checkpoint just saved ({saved.Step}): Latest() will prefer it. Move it elsewhere if the run has gone back on purpose.");
            }
        }
    }

    // A killed run leaves a partial file behind. One that is being written is locked.
    private void DeleteLeftovers()
    {
        foreach (string path in Directory.EnumerateFiles(Path, Prefix + "*" + AtomicFile.PartialSuffix))
        {
            string[] parts = System.IO.Path.GetFileName(path)[..^AtomicFile.PartialSuffix.Length].Split(Suffix + ".");
            if (parts.Length != 2 || StepOf(parts[0] + Suffix) < 0 || !Guid.TryParseExact(parts[1], "N", out _)) continue;
            try
            {
                using (File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) { }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            if (Delete(path)) _report($"Deleted {path}, which a save that was interrupted had left unfinished.");
        }
    }

    private bool Delete(string path)
    {
        try
        {
            File.Delete(path);
            _verdicts.Remove(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _report($"Could not delete {path}: {e.Message}");
            return false;
        }
    }

    private string? Verdict(StoredCheckpoint stored)
    {
        if (_verdicts.TryGetValue(stored.Path, out string? reason)) return reason;
        try
        {
            CheckpointFile.Verify(stored.Path);
        }
        catch (Exception e) when (e is CheckpointFormatException or IOException or UnauthorizedAccessException)
        {
            reason = e.Message;
        }

        return _verdicts[stored.Path] = reason;
    }

    private static string NameOf(long step) => $"{Prefix}{step.ToString("D9", CultureInfo.InvariantCulture)}{Suffix}";

    /// <returns>−1 for a name that this class does not give.</returns>
    private static long StepOf(string name)
        => name.Length > Prefix.Length + Suffix.Length
            && long.TryParse(name.AsSpan(Prefix.Length..^Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            && NameOf(step) == name ? step : -1;
}
