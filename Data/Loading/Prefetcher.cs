using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Gradwright.Data;

/// <summary>
/// Fills host buffers on threads of its own, ahead of the one who reads them in order. A step has its buffer by its number: they go round in a ring, so a steady run allocates
/// nothing, and no thread is further ahead than the ring is long. Which thread fills which step depends on time; what is read does not. The threads make no tensors:
/// those belong to scopes of the reader's thread.
/// </summary>
internal sealed class Prefetcher : IDisposable
{
    private readonly HostBatch[] _ring;
    private readonly long _steps;
    private readonly Action<int, long, HostBatch> _fill;
    private readonly Thread[] _threads;
    private readonly object _gate = new();      // guards all that follows, and is pulsed whenever it changes
    private readonly bool[] _filled;            // by buffer, until it is taken
    private long _begun, _taken, _returned, _failedStep = long.MaxValue;
    private ExceptionDispatchInfo? _failure;    // of the first step that failed
    private bool _stopped;

    /// <summary>Starts to call <paramref name="fill"/>(worker, step, buffer) for steps 0 to <paramref name="steps"/> − 1.</summary>
    public Prefetcher(HostBatch[] ring, int workers, long steps, Action<int, long, HostBatch> fill)
    {
        (_ring, _steps, _fill, _filled) = (ring, steps, fill, new bool[ring.Length]);
        _threads = [.. Enumerable.Range(0, workers).Select(worker => new Thread(() => Run(worker)) { IsBackground = true, Name = $"Gradwright data loader {worker}" })];
        foreach (Thread thread in _threads) thread.Start();
    }

    /// <summary>
    /// Waits for the next step's buffer, which stays untouched until <see cref="Return"/>. What the filling threw is thrown here, at its step.
    /// </summary>
    public HostBatch Take()
    {
        lock (_gate)
        {
            while (!_filled[_taken % _ring.Length] && _taken != _failedStep) Monitor.Wait(_gate);
            if (_taken == _failedStep) _failure!.Throw();
            return TakeFilled();
        }
    }

    /// <summary>As <see cref="Take"/>, but false instead of waiting; what the filling threw is left to Take.</summary>
    public bool TryTake([NotNullWhen(true)] out HostBatch? batch)
    {
        lock (_gate)
        {
            batch = _taken != _failedStep && _filled[_taken % _ring.Length] ? TakeFilled() : null;
            return batch is not null;
        }
    }

    /// <summary>Hands back the oldest buffer that was taken.</summary>
    public void Return()
    {
        lock (_gate)
        {
            _returned++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Stops the threads and waits until they have left the data set.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads) thread.Join();
    }

    private HostBatch TakeFilled()
    {
        int at = (int)(_taken++ % _ring.Length);
        _filled[at] = false;
        return _ring[at];
    }

    private void Run(int worker)
    {
        while (Begin() is >= 0 and long step)
        {
            ExceptionDispatchInfo? failure = null;
            try
            {
                _fill(worker, step, _ring[step % _ring.Length]);
            }
#pragma warning disable CA1031 // whatever a data set or a transform throws is thrown again on the reader's thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }

            lock (_gate)
            {
                if (failure is null) _filled[step % _ring.Length] = true;
                else if (step < _failedStep) (_failedStep, _failure) = (step, failure);
                Monitor.PulseAll(_gate);
            }
        }
    }

    // The next step that nobody has begun, once its buffer is free; −1 when there is none, or no use in going on.
    private long Begin()
    {
        lock (_gate)
        {
            while (!_stopped && _begun < _steps && _begun < _failedStep && _begun >= _returned + _ring.Length) Monitor.Wait(_gate);
            return _stopped || _begun >= _steps || _begun >= _failedStep ? -1 : _begun++;
        }
    }
}
