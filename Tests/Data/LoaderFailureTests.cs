using Gradwright.Data;
using Gradwright.Tests.Interchange;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Whatever goes wrong in a data set, a transform or a worker reaches the loop, and nothing waits for ever.</summary>
public sealed class LoaderFailureTests
{
    private const int Samples = 20;
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(200);

#pragma warning disable CA2201 // what the runtime throws is what is meant
    private static Exception[] Odd =>
        [new OutOfMemoryException(), new OperationCanceledException(), new AggregateException(new IOException("a"), new IOException("b")), new ThreadInterruptedException(), new Mute(), new TimeoutException("no answer")];
#pragma warning restore CA2201

    [Test]
    public void Any_exception_reaches_the_loop_at_its_batch_and_can_be_retried([ValueSource(nameof(Odd))] Exception thrown, [Values(1, 3)] int workers) => HangGuard.Run(() =>
    {
        bool broken = true;
        using DataLoader loader = new(new Numbers(indices =>
        {
            if (broken && indices.Contains(9)) throw thrown;
        }), 2, workers: workers);
        List<long> seen = [];
        Exception? caught = null;
        try
        {
            foreach (Batch batch in loader) seen.AddRange(batch.Target.ToArray<long>());
        }
        catch (Exception e)
        {
            caught = e;
        }

        Assert.That(caught, Is.SameAs(thrown));
        Assert.That(seen, Is.EqualTo(new long[] { 0, 1, 2, 3, 4, 5, 6, 7 }));
        broken = false;
        Assert.That(loader.Sum(batch => batch.Count), Is.EqualTo(Samples - 8), "it goes on where it stood");
    });

    [Test]
    public void A_transform_that_fails_for_one_sample_names_it([Values(1, 3)] int workers) => HangGuard.Run(() =>
    {
        using DataLoader loader = new(new Numbers(), 4, transform: (x, _, _) =>
        {
            if (x[0] == 13) throw new Mute();
        }, workers: workers);
        List<long> seen = [];
        SampleException e = Assert.Throws<SampleException>(() =>
        {
            foreach (Batch batch in loader) seen.AddRange(batch.Target.ToArray<long>());
        })!;
        Assert.That(e.Message, Does.Contain("sample 13 could not be transformed in epoch 1"));
        Assert.That(e.InnerException, Is.TypeOf<Mute>());
        Assert.That(seen, Has.Count.EqualTo(12));
    });

    // Nobody does that on purpose; but a thread that ended without a word would leave the loop waiting, and one that ends with an exception would end the whole program.
    [Test]
    public void A_worker_that_dies_while_it_waits_for_room_is_told([Values(1, 3)] int workers) => HangGuard.Run(() =>
    {
        int died = 0;
        for (int round = 0; round < 50; round++)        // it depends on time where it is struck, and if it waits again at all
        {
            HashSet<Thread> threads = [];
            using DataLoader loader = new(new Numbers(_ =>
            {
                lock (threads) threads.Add(Thread.CurrentThread);
            }), 1, workers: workers);
            int seen = 0;
            try
            {
                foreach (Batch _ in loader)
                    if (seen++ == 0) Interrupt(threads);
            }
            catch (ThreadInterruptedException)
            {
                died++;
                seen += loader.Sum(batch => batch.Count);
            }

            Assert.That(seen, Is.EqualTo(Samples), "none is lost, none comes twice");
        }

        Assert.That(died, Is.Positive);

        static void Interrupt(HashSet<Thread> threads)
        {
            Thread[] known;
            lock (threads) known = [.. threads];
            foreach (Thread thread in known)
            {
                while (thread.IsAlive && !thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin)) Thread.Yield();        // the first one's death sends the others home
                thread.Interrupt();
            }
        }
    });

    [Test]
    public void A_loop_may_be_left_while_all_workers_wait_for_room([Values(1, 4)] int workers) => HangGuard.Run(() =>
    {
        using DataLoader loader = new(new Numbers(), 1, workers: workers);
        for (int epoch = 0; epoch < 50; epoch++)
            foreach (Batch _ in loader) break;
        Assert.That(loader.State, Is.EqualTo(new LoaderState(null, 2, 8)));
    });

    [Test]
    public void A_data_set_that_never_returns_is_given_up_and_named([Values(1, 2)] int workers) => HangGuard.Run(() =>
    {
        using ManualResetEventSlim release = new();
        Thread? stuck = null;
        Numbers data = new(indices =>
        {
            if (!indices.Contains(5)) return;
            stuck = Thread.CurrentThread;
            release.Wait();
        });
        DataLoader loader = new(data, 2, workers: workers) { Timeout = _short };
        int seen = 0;
        Assert.That(() =>
        {
            foreach (Batch _ in loader) seen++;
        }, Throws.TypeOf<TimeoutException>().With.Message.Contains("the batch that begins with sample 4").And.Message.Contains("Numbers"));
        Assert.That(seen, Is.EqualTo(2), "the batches before it");
        Assert.That(() => loader.Count(), Throws.InvalidOperationException.With.Message.Contains("had not come back from the Numbers"));
        loader.Dispose();
        using DataLoader next = new(data, 2) { State = loader.State };
        release.Set();
        Assert.That(next.Sum(batch => batch.Count), Is.EqualTo(Samples - 4), "another loader goes on");
        stuck!.Join();
    });

    [Test]
    public void A_loop_may_be_left_while_the_data_set_does_not_return() => HangGuard.Run(() =>
    {
        using ManualResetEventSlim release = new(), entered = new();
        Thread? stuck = null;
        using (DataLoader loader = new(new Numbers(indices =>
        {
            if (!indices.Contains(1)) return;
            stuck = Thread.CurrentThread;
            entered.Set();
            release.Wait();
        }), 1) { Timeout = _short })
        {
            foreach (Batch _ in loader)
            {
                entered.Wait();
                break;
            }

            Assert.That(() => loader.Count(), Throws.InvalidOperationException);
        }

        release.Set();
        stuck!.Join();
    });

    [Test]
    public void A_slow_data_set_is_waited_for_where_no_limit_is_set() => HangGuard.Run(() =>
    {
        using DataLoader loader = new(new Numbers(_ => Thread.Yield()), 5) { Timeout = Timeout.InfiniteTimeSpan };
        Assert.That(loader.Count(), Is.EqualTo(4));
        Assert.That(() => new DataLoader(new Numbers(), 5) { Timeout = TimeSpan.Zero }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        SettledPool.Settle();       // the loader that nobody has
    });

    [Test]
    public void A_loader_that_was_disposed_says_so() => HangGuard.Run(() =>
    {
        DataLoader loader = new(new Numbers(), 2);
        Assert.That(() =>
        {
            foreach (Batch _ in loader) loader.Dispose();
        }, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => loader.Count(), Throws.TypeOf<ObjectDisposedException>());
        loader.Dispose();
    });

    [Test]
    public void Disposing_ends_the_workers_of_an_enumeration_that_was_forgotten() => HangGuard.Run(() =>
    {
        HashSet<Thread> threads = [];
        DataLoader loader = new(new Numbers(_ =>
        {
            lock (threads) threads.Add(Thread.CurrentThread);
        }), 1, workers: 3);
        IEnumerator<Batch> forgotten = loader.GetEnumerator();
        Assert.That(forgotten.MoveNext());
        loader.Dispose();
        foreach (Thread thread in threads) thread.Join();
        Assert.That(() => forgotten.MoveNext(), Throws.TypeOf<ObjectDisposedException>());
    });

    [Test]
    public void Data_sets_and_samplers_that_break_their_promises_are_told() => HangGuard.Run(() =>
    {
        Numbers large = new();
        using DataLoader grown = new(large, 2), drawn = new(new Numbers(), 2, shuffleSeed: 1, sampler: new Liar());
        large.Width = 3;
        Assert.That(() => grown.Count(), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => drawn.Count(), Throws.InvalidOperationException.With.Message.Contains("Liar drew sample 20 of a data set with 20"));
    });

    /// <summary>Sample i: input [i], target i; somebody may look at, or stop, each reading.</summary>
    private sealed class Numbers(Action<long[]>? reading = null) : IDataset
    {
        public int Width { get; set; } = 1;

        public long Count => Samples;

        public SampleSpec Input => new(DType.Float32, [Width]);

        public SampleSpec Target => new(DType.Int64, []);

        public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
        {
            reading?.Invoke(indices.ToArray());
            for (int i = 0; i < indices.Length; i++)
            {
                BitConverter.TryWriteBytes(inputs[(4 * i)..], (float)indices[i]);
                BitConverter.TryWriteBytes(targets[(8 * i)..], indices[i]);
            }
        }
    }

    private sealed class Liar : Sampler
    {
        public override long Count => Samples;

        public override long DatasetCount => Samples;

        public override void Fill(Span<long> order, Generator random)
        {
            for (int i = 0; i < order.Length; i++) order[i] = i + 1;
        }
    }

    private sealed class Mute : Exception
    {
        public override string Message => null!;        // as a careless library has it
    }
}
