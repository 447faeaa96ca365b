using Gradwright;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Fork and join: every task once, whatever the counts, callers and failures.</summary>
public sealed unsafe class WorkerPoolTests
{
    [TestCase(0)]
    [TestCase(WorkerPool.MaxThreads + 1)]
    public void A_pool_of_no_or_far_too_many_threads_is_refused(int threads)
        => Assert.That(() => new WorkerPool(threads), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 to 1024 threads"));

    [Test]
    public void Every_task_runs_exactly_once([Values(1, 2, 3, 5)] int threads, [Values(0, 1, 2, 7, 1000)] int tasks)
    {
        using var pool = new WorkerPool(threads);
        for (int round = 0; round < 50; round++)
        {
            var job = new CountJob(tasks);
            pool.Run(tasks, ref job);
            Assert.That(job.Counts, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void More_tasks_than_twenty_bits_hold_all_run()
    {
        using var pool = new WorkerPool(3);
        const int tasks = (1 << 22) + 3;
        var job = new CountJob(tasks);
        pool.Run(tasks, ref job);
        Assert.That(Array.TrueForAll(job.Counts, count => count == 1));
    }

    [Test]
    public void Function_pointers_get_their_context_and_task()
    {
        using var pool = new WorkerPool(2);
        int* counts = stackalloc int[100];
        new Span<int>(counts, 100).Clear();
        pool.Run(100, &AddTask, counts);
        for (int i = 0; i < 100; i++) Assert.That(counts[i], Is.EqualTo(i));

        static void AddTask(void* context, int task) => ((int*)context)[task] += task;
    }

    [Test]
    public void A_parked_pool_wakes()
    {
        using var pool = new WorkerPool(3);
        for (int round = 0; round < 5; round++)
        {
            Thread.Sleep(5);
            var job = new CountJob(64);
            pool.Run(64, ref job);
            Assert.That(job.Counts, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void Brief_calls_run_every_task_whether_workers_are_awake_or_not([Values(0, 1)] int pause)
    {
        using var pool = new WorkerPool(3);
        for (int round = 0; round < 50; round++)
        {
            Thread.Sleep(pause);
            var job = new CountJob(16);
            pool.Run(16, ref job, brief: true);
            Assert.That(job.Counts, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void Workers_take_part()
    {
        using var pool = new WorkerPool(2);
        var job = new MeetJob { Arrived = new CountdownEvent(2) };
        pool.Run(2, ref job);       // each task waits for the other: one thread alone would never return
        Assert.That(job.Arrived.IsSet);
    }

    [Test]
    public void Several_callers_at_once_all_get_their_results()
    {
        using var pool = new WorkerPool(2);
        Parallel.For(0, 8, _ =>
        {
            for (int round = 0; round < 200; round++)
            {
                var job = new CountJob(17);
                pool.Run(17, ref job);
                Assert.That(Array.TrueForAll(job.Counts, count => count == 1));
            }
        });
    }

    [Test]
    public void A_call_from_inside_a_task_runs_on_its_thread()
    {
        using var pool = new WorkerPool(3);
        var job = new NestedJob { Pool = pool, Totals = new int[20] };
        pool.Run(20, ref job);
        Assert.That(job.Totals, Is.All.EqualTo(10));
    }

    [Test]
    public void A_tasks_exception_reaches_the_caller_and_leaves_the_pool_usable([Values(1, 2, 4)] int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int round = 0; round < 20; round++)
        {
            var failing = new FailingJob { At = round * 5 };
            var failure = Assert.Throws<InvalidDataException>(() => pool.Run(100, ref failing));
            Assert.That(failure!.Message, Is.EqualTo($"task {round * 5}"));

            var job = new CountJob(100);
            pool.Run(100, ref job);
            Assert.That(job.Counts, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void A_call_allocates_nothing()
    {
        using var pool = new WorkerPool(2);
        var job = new CountJob(10);
        pool.Run(10, ref job);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++) pool.Run(10, ref job);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void A_disposed_pool_still_runs_tasks_on_the_caller()
    {
        var pool = new WorkerPool(3);
        pool.Dispose();
        pool.Dispose();
        var job = new CountJob(9);
        pool.Run(9, ref job);
        Assert.That(job.Counts, Is.All.EqualTo(1));
    }

    [Test]
    public void The_shared_pools_thread_count_can_be_changed()
    {
        int before = WorkerPool.Shared.Threads;
        using (Threads.Use(before + 1)) Assert.That(WorkerPool.Shared.Threads, Is.EqualTo(before + 1));
        Assert.That(WorkerPool.Shared.Threads, Is.EqualTo(before));
    }

    [Test]
    public void Counts_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new WorkerPool(0));
        using var pool = new WorkerPool(2);
        var job = new CountJob(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Run(-1, ref job));
    }

    private readonly struct CountJob(int tasks) : IParallelJob
    {
        public readonly int[] Counts = new int[tasks];

        public void Execute(int task) => Interlocked.Increment(ref Counts[task]);
    }

    private struct MeetJob : IParallelJob
    {
        public CountdownEvent Arrived;

        public readonly void Execute(int task)
        {
            Arrived.Signal();
            Arrived.Wait();
        }
    }

    private struct NestedJob : IParallelJob
    {
        public WorkerPool Pool;
        public int[] Totals;

        public readonly void Execute(int task)
        {
            var inner = new SameThreadJob { Thread = Environment.CurrentManagedThreadId };
            var counted = new CountJob(10);
            Pool.Run(10, ref inner);
            Pool.Run(10, ref counted);
            Totals[task] = counted.Counts.Sum();
        }
    }

    private struct SameThreadJob : IParallelJob
    {
        public int Thread;

        public readonly void Execute(int task) => Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(Thread));
    }

    private struct FailingJob : IParallelJob
    {
        public int At;

        public readonly void Execute(int task)
        {
            if (task == At) throw new InvalidDataException($"task {task}");
        }
    }
}
