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
    private const int Slices = 10;              // of the time limit: a process that was stopped and goes on has lost one of them at most, not all

    private readonly HostBatch[] _ring;
    private readonly long _steps;
    private readonly TimeSpan _limit;
    private readonly Action<int, long, HostBatch> _fill;
    private readonly Func<bool> _isReady, _isIdle;
    private readonly object _gate = new();      // guards all that follows, and is pulsed whenever it changes
    private readonly bool[] _filled;            // by buffer, until it is taken
    private long _begun, _taken, _returned, _failedStep = long.MaxValue;
    private int _running;                       // threads
    private ExceptionDispatchInfo? _failure;    // of the first step that failed
    private bool _stopped, _late;

    /// <summary>Starts to call <paramref name="fill"/>(worker, step, buffer) for steps 0 to <paramref name="steps"/> − 1.</summary>
    /// <param name="ring">The buffers.</param>
    /// <param name="workers">How many threads.</param>
    /// <param name="steps">How many buffers to fill in all.</param>
    /// <param name="limit">How long to wait for a thread; infinite: until it is done.</param>
    /// <param name="fill">Fills one.</param>
    public Prefetcher(HostBatch[] ring, int workers, long steps, TimeSpan limit, Action<int, long, HostBatch> fill)
    {
        (_ring, _steps, _limit, _fill, _filled) = (ring, steps, limit, fill, new bool[ring.Length]);
        (_isReady, _isIdle) = (() => _filled[_taken % _ring.Length] || _taken == _failedStep, () => _running == 0);
        try
        {
            for (int worker = 0; worker < workers; worker++) Start(worker);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether the time limit has passed.</summary>
    public bool IsLate => _late;

    /// <summary>Whether <see cref="Dispose"/> left a thread behind that did not come back in time: it may still write into its buffer.</summary>
    public bool HasLeftThreads { get; private set; }

    /// <summary>
    /// Waits for the next step's buffer, which stays untouched until <see cref="Return"/>. What the filling threw is thrown here, at its step.
    /// </summary>
    /// <exception cref="TimeoutException">The time limit has passed.</exception>
    public HostBatch Take()
    {
        lock (_gate)
        {
            if (!WaitFor(_isReady)) throw new TimeoutException($"no thread has finished it within {_limit}");
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

    /// <summary>Stops the threads and waits until they have left the data set; not again for one that was late already.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = HasLeftThreads = true;        // unless waiting for them, which may be interrupted, finds that all have left
            Monitor.PulseAll(_gate);
            HasLeftThreads = !(_late ? _isIdle() : WaitFor(_isIdle));
        }
    }

    private void Start(int worker)
    {
        Thread thread = new(() => Run(worker)) { IsBackground = true, Name = $"Gradwright data loader {worker}" };
        lock (_gate) _running++;
        try
        {
            thread.Start();
        }
        catch
        {
            lock (_gate) _running--;
            throw;
        }
    }

    // Under the lock. False: the time limit has passed.
    private bool WaitFor(Func<bool> condition)
    {
        TimeSpan slice = _limit == Timeout.InfiniteTimeSpan ? _limit : _limit / Slices;
        for (int waited = 0; !condition() && !_late;)
            if (!Monitor.Wait(_gate, slice) && ++waited == Slices) _late = !condition();
        return !_late;
    }

    private HostBatch TakeFilled()
    {
        int at = (int)(_taken++ % _ring.Length);
        _filled[at] = false;
        return _ring[at];
    }

    // A failure ends the thread that has it, and the others before they begin a later step. Whatever it is, and wherever it strikes (a thread can be interrupted while it waits), the
    // reader hears of it: one that waited for a thread that is gone would wait for ever.
    private void Run(int worker)
    {
        long? step = null;          // what it is filling, if anything
        ExceptionDispatchInfo? failure = null;
        try
        {
            while ((step = Begin()) is { } begun)
            {
                _fill(worker, begun, _ring[begun % _ring.Length]);
                Finish(begun);
                step = null;
            }
        }
#pragma warning disable CA1031 // whatever a data set or a transform throws is thrown again on the reader's thread
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = ExceptionDispatchInfo.Capture(e);
        }

        while (!Leave(step, failure))
        {
        }
    }

    // A thread's last word. False: it was interrupted while it waited to have it.
    private bool Leave(long? step, ExceptionDispatchInfo? failure)
    {
        try
        {
            lock (_gate)
            {
                if (failure is not null && (step ?? _begun) is var failed && failed < _failedStep) (_failedStep, _failure) = (failed, failure);
                _running--;
                Monitor.PulseAll(_gate);
                return true;
            }
        }
        catch (ThreadInterruptedException)
        {
            return false;
        }
    }

    // The next step that nobody has begun, once its buffer is free; null when there is none, or no use in going on.
    private long? Begin()
    {
        lock (_gate)
        {
            while (!_stopped && _begun < _steps && _begun < _failedStep && _begun >= _returned + _ring.Length) Monitor.Wait(_gate);
            return _stopped || _begun >= _steps || _begun >= _failedStep ? null : _begun++;
        }
    }

    private void Finish(long step)
    {
        lock (_gate)
        {
            _filled[step % _ring.Length] = true;
            Monitor.PulseAll(_gate);
        }
    }
}
