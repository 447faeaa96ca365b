using NUnit.Framework;

namespace Gradwright.Tests.Engine;

public sealed class ScopeTests
{
    [Test]
    public void A_scope_frees_what_was_made_inside()
    {
        using Tensor outside = Tensor.Zeros([2]);
        Tensor a, b;
        using (new TensorScope())
        {
            a = Tensor.Zeros([2]);
            b = Tensor.Ones([3]);
        }

        Assert.That((a.IsDisposed, b.IsDisposed, outside.IsDisposed), Is.EqualTo((true, true, false)));
    }

    [Test]
    public void Using_a_freed_tensor_says_what_to_do()
    {
        Tensor a;
        using (new TensorScope()) a = Tensor.Zeros([2, 3], DType.Float64);
        Assert.That(() => a.ToArray<double>(), Throws.TypeOf<ObjectDisposedException>()
            .With.Message.Contains("[2, 3] Float64").And.Message.Contains("scope").And.Message.Contains("TensorScope.Keep"));
        Assert.That(() => a + 1, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(a.ToString(), Does.Contain("freed"));
        Assert.That(a.Dispose, Throws.Nothing);
    }

    [Test]
    public void Keep_hands_a_tensor_one_scope_out()
    {
        Tensor a;
        using (new TensorScope())
        {
            using (new TensorScope())
            {
                a = TensorScope.Keep(Tensor.Zeros([2]));
                TensorScope.Keep(a);            // twice is once
            }

            Assert.That(a.IsDisposed, Is.False);
            using (new TensorScope()) TensorScope.Keep(a);      // not made here: stays where it is
            Assert.That(a.IsDisposed, Is.False);
        }

        Assert.That(a.IsDisposed);
    }

    [Test]
    public void Keep_from_the_outermost_scope_hands_over_to_the_caller()
    {
        Tensor a;
        using (new TensorScope()) a = TensorScope.Keep(Tensor.Ones([2]));
        Assert.That(a.ToArray<float>(), Is.EqualTo(new[] { 1f, 1 }));
        Assert.That(TensorScope.Keep(a), Is.SameAs(a), "without a scope it changes nothing");
        a.Dispose();
    }

    [Test]
    public void Release_takes_a_tensor_out_of_every_scope()
    {
        Tensor a;
        using (new TensorScope())
        {
            using (new TensorScope())
            {
                a = Tensor.Zeros([2]);
                TensorScope.Release(a);
                TensorScope.Release(a);
            }
        }

        Assert.That(a.IsDisposed, Is.False);
        a.Dispose();
    }

    [Test]
    public void Under_Suspend_tensors_belong_to_their_maker()
    {
        Tensor a, b, c;
        using (new TensorScope())
        {
            using (TensorScope.Suspend())
            {
                a = Tensor.Zeros([2]);
                using (new TensorScope())
                {
                    b = Tensor.Zeros([2]);
                    c = TensorScope.Keep(Tensor.Zeros([2]));
                }

                Assert.That((b.IsDisposed, c.IsDisposed), Is.EqualTo((true, false)));
            }

            Assert.That(a.IsDisposed, Is.False);
        }

        Assert.That((a.IsDisposed, c.IsDisposed), Is.EqualTo((false, false)));
        a.Dispose();
        c.Dispose();
    }

    [Test]
    public void Disposing_an_outer_scope_unwinds_the_inner_ones()
    {
        TensorScope outer = new(), middle = new();
        Tensor a = Tensor.Zeros([2]);
        TensorScope inner = new();
        Tensor b = Tensor.Zeros([2]);
        outer.Dispose();
        Assert.That((a.IsDisposed, b.IsDisposed, middle.IsClosed, inner.IsClosed), Is.EqualTo((true, true, true, true)));
        inner.Dispose();
        middle.Dispose();
        using Tensor c = Tensor.Zeros([1]);
        Assert.That(c.IsDisposed, Is.False);
        Assert.That(ScopeStack.Current.Depth, Is.Zero);
    }

    [Test]
    public void An_exception_passes_through_and_everything_is_freed()
    {
        List<Tensor> made = [];
        FormatException e = Assert.Throws<FormatException>(() =>
        {
            using TensorScope outer = new();
            made.Add(Tensor.Zeros([2]));
            using Tape tape = new();
            using Tensor w = Tensor.Parameter([2]);
            made.Add(w * 2);
            _ = new TensorScope();          // never closed by itself
            made.Add(w * 3);
            throw new FormatException("half-way");
        })!;
        Assert.That(e.Message, Is.EqualTo("half-way"));
        Assert.That(made, Has.All.Property(nameof(Tensor.IsDisposed)).True);
        Assert.That(Tape.Current, Is.Null);
    }

    [Test]
    public void Tensors_may_be_disposed_early_in_any_order()
    {
        Random random = new(1);
        for (int round = 0; round < 50; round++)
        {
            long before = CpuAccelerator.Instance.Pool.Statistics.LiveBlocks;
            List<Tensor> kept = [];
            using (new TensorScope())           // takes what the scope inside keeps
            using (new TensorScope())
            {
                List<Tensor> open = [];
                Build(random, open, kept, 3);
                foreach (Tensor t in open.Where(_ => random.Next(2) == 0)) t.Dispose();
            }

            foreach (Tensor t in kept) t.Dispose();
            Assert.That(CpuAccelerator.Instance.Pool.Statistics.LiveBlocks, Is.EqualTo(before));
        }

        static void Build(Random random, List<Tensor> open, List<Tensor> released, int depth)
        {
            for (int i = 0; i < 10; i++)
            {
                Tensor t = Tensor.Zeros([1 + i]);
                switch (random.Next(5))
                {
                    case 0: t.Dispose(); break;
                    case 1: TensorScope.Keep(t); break;
                    case 2: TensorScope.Release(t); released.Add(t); break;
                    case 3 when depth > 0:
                        using (new TensorScope()) Build(random, open, released, depth - 1);
                        break;
                    default: open.Add(t); break;
                }

                if (open.Count > 3 && random.Next(3) == 0) open[random.Next(open.Count)].Dispose();
            }
        }
    }

    [Test]
    public void A_scope_belongs_to_its_thread()
    {
        TensorScope scope = new();
        Tensor mine = Tensor.Zeros([2]);
        (Exception? Dispose, Exception? Release, bool InScope) seen = default;
        OnAnotherThread(() =>
        {
            using Tensor theirs = Tensor.Zeros([2]);
            seen = (Catch(scope.Dispose), Catch(() => TensorScope.Release(mine)), theirs.ScopeSlot >= 0);
        });
        Assert.That(seen.Dispose, Is.TypeOf<InvalidOperationException>().With.Message.Contains("thread"));
        Assert.That(seen.Release, Is.TypeOf<InvalidOperationException>().With.Message.Contains("thread"));
        Assert.That(seen.InScope, Is.False);
        Assert.That(mine.IsDisposed, Is.False);
        scope.Dispose();
        Assert.That(mine.IsDisposed);
    }

    [Test]
    public void A_tensor_may_be_disposed_by_another_thread()
    {
        using TensorScope scope = new();
        Tensor a = Tensor.Zeros([2]);
        OnAnotherThread(a.Dispose);
        Assert.That(a.IsDisposed);
    }

    [Test]
    public void Parameters_belong_to_no_scope()
    {
        Tensor w, v, u;
        using (new TensorScope())
        {
            w = Tensor.Parameter([2]);
            v = Tensor.Parameter([1f, 2], [2], "v");
            u = Tensor.Parameter(Tensor.Ones([2]));
            using Tape tape = new();
            tape.Backward((w * v * u).SumTo([]));
        }

        Assert.That(v.ToArray<float>(), Is.EqualTo(new[] { 1f, 2 }));
        Assert.That(u.Grad!.IsDisposed || w.Grad!.IsDisposed, Is.False);
        Tensor grad = w.Grad!;
        w.Dispose();
        v.Dispose();
        u.Dispose();
        Assert.That(grad.IsDisposed);
    }

    private static void OnAnotherThread(Action action)
    {
        Thread thread = new(() => action());
        thread.Start();
        thread.Join();
    }

    private static InvalidOperationException? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }
}
