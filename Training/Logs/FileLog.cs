namespace Gradwright.Training;

/// <summary>
/// A callback that writes a file as the training goes on. The file's length is part of the checkpoints, so a resumed training cuts off what was written after the
/// checkpoint and goes on there: however often it was killed, the file ends as that of a training that never was.
/// </summary>
/// <remarks>
/// A training that begins at step 0 begins the file anew. One that goes on from a checkpoint without this log appends to what is there. Where the whole file is
/// missing, the rest of it is written; where only its end is, <see cref="Started"/> refuses.
/// </remarks>
public abstract class FileLog : ITrainingCallback, IDisposable
{
    private const string LengthKey = "length";

    private FileStream? _file;
    private Trainer? _trainer;      // whose log it is
    private long? _length;          // where it goes on; null: not known

    /// <summary>A log that is opened when the training starts.</summary>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    protected FileLog(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = System.IO.Path.GetFullPath(path);
    }

    /// <summary>The file's full name.</summary>
    public string Path { get; }

    /// <summary>The open file, at its end.</summary>
    /// <exception cref="InvalidOperationException">No training is running.</exception>
    protected FileStream File => _file ?? throw new InvalidOperationException($"{GetType().Name}: {Path} is open only while a training runs. Write to it from a callback.");

    /// <summary>Opens the file.</summary>
    /// <exception cref="InvalidDataException">It is shorter than it was at the checkpoint from which the training goes on.</exception>
    public void Started(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Close();
        if (_trainer != trainer) _length = trainer.Step == 0 ? 0 : null;
        _trainer = trainer;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        FileStream file = _file = new(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (file.Length > 0 && _length > file.Length)
        {
            Close();
            throw new InvalidDataException($"{GetType().Name}: {Path} had {_length} bytes when the checkpoint was saved, and is shorter now: lines are lost. Bring the file back, or move it away to begin a new one.");
        }

        if (_length < file.Length) file.SetLength(_length.Value);
        file.Position = file.Length;
        Opened(trainer, isEmpty: file.Length == 0);
        file.Flush();
    }

    public virtual void Updating(Trainer trainer) { }

    public virtual void StepEnded(Trainer trainer, double loss) { }

    public virtual void EpochEnded(Trainer trainer, EpochRecord epoch) { }

    public void SaveState(Trainer trainer, Checkpoint state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (_file is null) return;
        _file.Flush(flushToDisk: true);     // or the checkpoint could outlive what it counts
        state.Set(LengthKey, _file.Position);
    }

    public void LoadState(Trainer trainer, Checkpoint state)
    {
        ArgumentNullException.ThrowIfNull(state);
        (_trainer, _length) = (trainer, state.Values.ContainsKey(LengthKey) ? state.Integer(LengthKey) : null);
        if (_length < 0) throw new CheckpointFormatException($"{GetType().Name}: the checkpoint says that {Path} had {_length} bytes.");
    }

    public void Ended(Trainer trainer, TrainingEnd? end)
    {
        if (_file is not null) _length = _file.Position;
        Close();
    }

    /// <summary>Closes the file, if a training has left it open.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>The file is open, and whatever it begins with has to be written if it is empty.</summary>
    protected abstract void Opened(Trainer trainer, bool isEmpty);

    private void Close()
    {
        (FileStream? file, _file) = (_file, null);
        file?.Dispose();
    }
}
