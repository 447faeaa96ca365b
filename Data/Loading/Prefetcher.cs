using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Gradwright.Data;

/// <summary>
/// Fills host buffers on a thread of its own, ahead of the one who reads them and in order. As many buffers as may wait go round, so a steady run allocates nothing.
/// The thread makes no tensors: those belong to scopes of the reader's thread.
/// </summary>
internal sealed class Prefetcher : IDisposable
{
    private readonly BlockingCollection<HostBatch> _free = [], _ready = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts to call <paramref name="fill"/> for steps 0 to <paramref name="steps"/> − 1.</summary>
    public Prefetcher(IEnumerable<HostBatch> buffers, long steps, Action<long, HostBatch> fill)
    {
        foreach (HostBatch buffer in buffers) _free.Add(buffer);
        _thread = new Thread(() => Run(steps, fill)) { IsBackground = true, Name = "Gradwright data loader" };
        _thread.Start();
    }

    /// <summary>Waits for the next step's buffer. Give it back with <see cref="Return"/>.</summary>
    public HostBatch Take()
    {
        if (_ready.TryTake(out HostBatch? batch, Timeout.Infinite)) return batch;
        _failure!.Throw();
        throw _failure.SourceException;
    }

    public void Return(HostBatch batch) => _free.Add(batch);

    /// <summary>Stops the thread and waits until it has left the data set.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
        _free.Dispose();
        _ready.Dispose();
    }

    private void Run(long steps, Action<long, HostBatch> fill)
    {
        try
        {
            for (long step = 0; step < steps; step++)
            {
                HostBatch batch = _free.Take(_stop.Token);
                fill(step, batch);
                _ready.Add(batch);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // whatever a data set throws is thrown again on the reader's thread
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
#pragma warning restore CA1031
        _ready.CompleteAdding();
    }
}
