namespace Gradwright;

/// <summary>
/// A queue of work on a GPU: what is handed to it runs in order and asynchronously. Streams of one accelerator run side by side; where one reads what another
/// wrote, the engine makes it wait for just that, so results never depend on the streams that were used.
/// </summary>
public abstract class GpuStream : IDisposable
{
    [ThreadStatic] private static Choice? _chosen;

    private protected GpuStream(GpuAccelerator accelerator) => Accelerator = accelerator;

    public GpuAccelerator Accelerator { get; }

    /// <summary>The stream's place among those of its accelerator.</summary>
    internal int Id { get; set; }

    internal ulong Bit => 1UL << Id;

    /// <summary>Until disposed, this thread's work on the accelerator goes to this stream.</summary>
    /// <example><code>using (stream.Use()) y = model.Forward(x);</code></example>
    public Usage Use() => new(this);

    /// <summary>What is handed to this stream from now on starts after what the other one has now. Returns at once.</summary>
    public abstract void WaitFor(GpuStream other);

    /// <summary>Waits until everything handed to the stream is done.</summary>
    /// <exception cref="AcceleratorException">A kernel failed.</exception>
    public void Synchronize()
    {
        Finish();
        Accelerator.Faults.ThrowIfAny(this);
    }

    /// <summary>Waits until everything is done, without looking for faults.</summary>
    internal abstract void Finish();

    /// <summary>Remembers the place that the stream has reached when everything handed to it so far is done.</summary>
    internal abstract GpuMark Mark();

    /// <summary>Waits for the stream's work and gives it back. The default stream stays as long as its accelerator.</summary>
    public void Dispose()
    {
        if (ReferenceEquals(this, Accelerator.DefaultStream)) return;
        Accelerator.Forget(this);
        GC.SuppressFinalize(this);
    }

    internal abstract void Release();

    /// <summary>The stream that this thread chose for an accelerator, if any.</summary>
    internal static GpuStream? CurrentOf(GpuAccelerator accelerator)
    {
        for (Choice? choice = _chosen; choice is not null; choice = choice.Outer)
            if (ReferenceEquals(choice.Stream.Accelerator, accelerator)) return choice.Stream;
        return null;
    }

    /// <summary>The span in which <see cref="Use"/> holds.</summary>
    public readonly ref struct Usage
    {
        private readonly Choice? _outer;

        internal Usage(GpuStream stream)
        {
            _outer = _chosen;
            _chosen = new(stream, _outer);
        }

        public void Dispose() => _chosen = _outer;
    }

    internal sealed record Choice(GpuStream Stream, Choice? Outer);
}
