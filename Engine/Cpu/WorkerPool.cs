using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Gradwright;

/// <summary>
/// Fork and join over a fixed set of threads: <see cref="Run{TJob}"/> cuts its tasks into one contiguous share per thread (the same
/// share at every call, so caches stay warm), works on the first share itself, helps the others, and returns when every task has ended.
/// The hand-over allocates nothing and costs a fraction of a microsecond while the workers still spin; idle workers park.
/// </summary>
/// <remarks>
/// Any thread may call at any time. The pool serves one call at a time: a call that finds it taken, which is also what a call from
/// inside a task finds, runs its tasks on its own thread. No result may depend on which thread ran a task.
/// </remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    // How long a worker looks for the next call before it parks: waking it again costs the caller 8 µs and takes 30-200 µs (measured).
    private const int SpinMicroseconds = 50;

    private static long SpinTicks => SpinMicroseconds * Stopwatch.Frequency / 1_000_000;

    private static WorkerPool? _shared;

    private readonly Share[] _shares;       // one per thread
    private readonly Thread[] _workers;
    /// <summary>The most threads that a pool may have.</summary>
    public const int MaxThreads = 1024;

    private readonly object _gate = new();
    private Exception? _failure;
    private bool _stop;
    private int _parked;
    private long _lastBrief;                // when a brief call last found workers parked, in Stopwatch ticks
    private Alone _busy;                    // 1 while a call holds the workers, and for good once disposed
    private Alone _pending;                 // tasks that have not ended

    /// <summary>Starts a pool of <paramref name="threads"/> threads, the calling one included; with 1 everything runs on the caller.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is not between 1 and <see cref="MaxThreads"/>.</exception>
    public WorkerPool(int threads)
    {
        if (threads is < 1 or > MaxThreads)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, $"A pool has 1 to {MaxThreads} threads; one per processor is best.");
        Threads = threads;
        _shares = new Share[threads];
        _workers = new Thread[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int share = i + 1;
            _workers[i] = new Thread(() => Work(share)) { IsBackground = true, Name = $"Gradwright worker {share}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads that work on a call, the calling one included.</summary>
    public int Threads { get; }

    /// <summary>The pool that CPU kernels use. It has GRADWRIGHT_THREADS threads if that variable is set, else one per processor.</summary>
    /// <exception cref="InvalidOperationException">GRADWRIGHT_THREADS is not a whole number from 1 to <see cref="MaxThreads"/>.</exception>
    public static WorkerPool Shared => Volatile.Read(ref _shared) ?? StartShared();

    /// <summary>
    /// Replaces <see cref="Shared"/> by a pool of <paramref name="threads"/> threads. Waits for a call in progress; must not be called
    /// from inside a task. Results never change with the number of threads.
    /// </summary>
    public static void SetThreads(int threads)
    {
        if (Shared.Threads != threads) Interlocked.Exchange(ref _shared, new WorkerPool(threads))!.Dispose();
    }

    /// <summary>Runs <paramref name="job"/>'s tasks 0..<paramref name="tasks"/>-1, in any order and on any of the pool's threads.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="tasks"/> is negative.</exception>
    /// <remarks>The first exception of a task is rethrown here once no task runs any more; tasks not begun by then are dropped.</remarks>
    /// <param name="tasks">Number of tasks.</param>
    /// <param name="job">What the tasks work on.</param>
    /// <param name="brief">
    /// True for work of some 20 µs in all: it would be over before a parked worker has woken, so it wakes workers only if such calls come
    /// close together.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run<TJob>(int tasks, ref TJob job, bool brief = false) where TJob : struct, IParallelJob
    {
        if (tasks == 1)
        {
            job.Execute(0);
            return;
        }

        // Pinned in case the job lies in an object; its own references stay visible to the collector where it lies.
        fixed (byte* context = &Unsafe.As<TJob, byte>(ref job)) Run(tasks, &Execute<TJob>, context, brief);
    }

    /// <inheritdoc cref="Run{TJob}"/>
    /// <param name="tasks">Number of tasks.</param>
    /// <param name="body">Called as <c>body(context, task)</c>.</param>
    /// <param name="context">What <paramref name="body"/> works on; must not move during the call.</param>
    /// <param name="brief">As above.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int tasks, delegate*<void*, int, void> body, void* context, bool brief = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tasks);
        if (tasks <= 1 || Threads == 1 || (brief && !WorthWaking()) || Interlocked.CompareExchange(ref _busy.Value, 1, 0) != 0)
        {
            for (int task = 0; task < tasks; task++) body(context, task);
            return;
        }

        _pending.Value = tasks;
        for (int t = 0; t < Threads; t++)
        {
            long begin = (long)t * tasks / Threads, end = (long)(t + 1) * tasks / Threads;
            ref Share share = ref _shares[t];
            share.Body = body;
            share.Context = context;
            Volatile.Write(ref share.Tasks, end << 32 | begin);
        }

        Interlocked.MemoryBarrier();        // a worker that parks now either sees the shares, or is seen here
        if (Volatile.Read(ref _parked) != 0) WakeAll();
        Drain(0);
        for (int spins = 0; Volatile.Read(ref _pending.Value) != 0; spins++)
        {
            if (spins < 2000) Pause();
            else Thread.Yield();            // a worker has lost its processor to another program
        }

        Exception? failure = _failure;
        _failure = null;
        Volatile.Write(ref _busy.Value, 0);
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Waits for the call in progress and ends the workers; later calls run on their caller. Not to be called from a task.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref _stop)) return;
        while (Interlocked.CompareExchange(ref _busy.Value, 1, 0) != 0)
        {
            if (Volatile.Read(ref _stop)) return;
            Thread.Yield();
        }

        Volatile.Write(ref _stop, true);
        WakeAll();
        foreach (Thread worker in _workers) worker.Join();
    }

    /// <summary>Whether a brief call should go to the workers: they are awake, or the last such call was less than a spin ago.</summary>
    private bool WorthWaking()
    {
        if (Volatile.Read(ref _parked) == 0) return true;
        long now = Stopwatch.GetTimestamp();
        return now - Interlocked.Exchange(ref _lastBrief, now) < SpinTicks;
    }

    /// <summary>Works on the tasks of every share, this thread's own first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Drain(int own)
    {
        for (int t = 0; t < Threads; t++)
        {
            ref Share share = ref _shares[own + t < Threads ? own + t : own + t - Threads];
            int ended = 0;
            while (HasTask(Volatile.Read(ref share.Tasks)))
            {
                // A thread that comes too late only counts the exhausted share up, by at most one per thread.
                long claimed = Interlocked.Increment(ref share.Tasks) - 1;
                if (!HasTask(claimed)) break;
                Execute(share.Body, share.Context, (int)claimed);
                ended++;
            }

            if (ended != 0) Interlocked.Add(ref _pending.Value, -ended);
        }
    }

    private void Execute(delegate*<void*, int, void> body, void* context, int task)
    {
        try
        {
            if (Volatile.Read(ref _failure) is null) body(context, task);
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }

    private static void Execute<TJob>(void* context, int task) where TJob : struct, IParallelJob
        => Unsafe.AsRef<TJob>(context).Execute(task);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Work(int share)
    {
        while (!Volatile.Read(ref _stop))
        {
            Drain(share);
            if (!Spin()) Park();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Spin()
    {
        long limit = Stopwatch.GetTimestamp() + SpinTicks;
        do
        {
            for (int i = 0; i < 32; i++)
            {
                if (HasWork()) return true;
                Pause();
            }
        }
        while (Stopwatch.GetTimestamp() < limit);
        return false;
    }

    private void Park()
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _parked);
            if (!HasWork()) Monitor.Wait(_gate);    // woken too late for this call, a worker spins for the next
            Interlocked.Decrement(ref _parked);
        }
    }

    private void WakeAll()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasWork()
    {
        foreach (ref Share share in _shares.AsSpan())
            if (HasTask(Volatile.Read(ref share.Tasks))) return true;
        return Volatile.Read(ref _stop);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasTask(long tasks) => (int)tasks < (int)(tasks >> 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pause()
    {
        if (X86Base.IsSupported) X86Base.Pause();
        else Thread.SpinWait(1);
    }

    private static WorkerPool StartShared()
    {
        string? setting = Environment.GetEnvironmentVariable("GRADWRIGHT_THREADS");
        int threads = Math.Min(Environment.ProcessorCount, MaxThreads);
        if (!string.IsNullOrEmpty(setting)
            && (!int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out threads) || threads is < 1 or > MaxThreads))
        {
            throw new InvalidOperationException(
                $"GRADWRIGHT_THREADS is '{setting}', but must be a whole number from 1 to {MaxThreads}: the threads of CPU kernels. Unset it for one per processor.");
        }

        var pool = new WorkerPool(threads);
        WorkerPool? first = Interlocked.CompareExchange(ref _shared, pool, null);
        if (first is null) return pool;
        pool.Dispose();
        return first;
    }

    /// <summary>One thread's tasks and what to do with them: all a worker needs comes with one cache line, and no other share lies on it.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Share
    {
        [FieldOffset(64)] public long Tasks;        // the end in the high half, the next task to begin in the low half
        [FieldOffset(72)] public delegate*<void*, int, void> Body;
        [FieldOffset(80)] public void* Context;
    }

    /// <summary>A number that is written often, away from fields that every thread reads.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Alone
    {
        [FieldOffset(64)] public long Value;
    }
}
