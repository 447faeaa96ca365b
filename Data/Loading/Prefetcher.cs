using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Gradwright.Data;

/// <summary>
/// Fills host buffers on a thread of its own, ahead of the one who reads them and in order. The buffers go round in a ring, so a steady run allocates
/// nothing. The thread makes no tensors: those belong to scopes of the reader's thread.
/// </summary>
internal sealed class Prefetcher : IDisposable
{
    private readonly HostBatch[] _ring;
    private readonly SemaphoreSlim _free, _filled = new(0);
    private readonly Thread _thread;
    private volatile bool _stopped;
    private ExceptionDispatchInfo? _failure;   // written before the semaphore is released that stands for the failed step
    private long _failedStep = -1, _taken;

    /// <summary>Starts to call <paramref name="fill"/> for steps 0 to <paramref name="steps"/> − 1, each with the next buffer of the ring.</summary>
    public Prefetcher(HostBatch[] ring, long steps, Action<long, HostBatch> fill)
    {
        (_ring, _free) = (ring, new(ring.Length));
        _thread = new Thread(() => Run(steps, fill)) { IsBackground = true, Name = "Gradwright data loader" };
        _thread.Start();
    }

    /// <summary>
    /// Waits for the next step's buffer, which stays untouched until <see cref="Return"/>. What the filling threw is thrown here, at its step.
    /// </summary>
    public HostBatch Take()
    {
        _filled.Wait();
        if (_taken == _failedStep) _failure!.Throw();
        return _ring[_taken++ % _ring.Length];
    }

    /// <summary>As <see cref="Take"/>, but false instead of waiting; what the filling threw is left to Take.</summary>
    public bool TryTake([NotNullWhen(true)] out HostBatch? batch)
    {
        batch = null;
        if (_taken == _failedStep || !_filled.Wait(0)) return false;
        if (_taken == _failedStep)
        {
            _filled.Release();
            return false;
        }

        batch = _ring[_taken++ % _ring.Length];
        return true;
    }

    /// <summary>Hands back the oldest buffer that was taken.</summary>
    public void Return() => _free.Release();

    /// <summary>Stops the thread and waits until it has left the data set.</summary>
    public void Dispose()
    {
        _stopped = true;
        _free.Release();
        _thread.Join();
        _free.Dispose();
        _filled.Dispose();
    }

    private void Run(long steps, Action<long, HostBatch> fill)
    {
        for (long step = 0; step < steps && _failure is null; step++)
        {
            _free.Wait();
            if (_stopped) return;
            try
            {
                fill(step, _ring[step % _ring.Length]);
            }
#pragma warning disable CA1031 // whatever a data set throws is thrown again on the reader's thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                (_failedStep, _failure) = (step, ExceptionDispatchInfo.Capture(e));
            }
            _filled.Release();
        }
    }
}
