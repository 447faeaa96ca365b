using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>What a tape records, what it keeps, and what it refuses.</summary>
[InTensorScope]
public sealed class TapeTests
{
    [Test]
    public void Outside_a_tape_nothing_is_recorded()
    {
        using Tensor w = Parameter(2);
        Assert.That((w * w).TapeNode, Is.Null);
        Assert.That(Tape.Current, Is.Null);
    }

    [Test]
    public void Only_what_depends_on_something_to_differentiate_is_recorded()
    {
        using Tensor w = Parameter(2);
        Tensor x = Tensor.From(3.0);
        using Tape tape = new();
        Tensor a = x * x;
        Assert.That(tape.Count, Is.Zero);
        _ = a * w;
        Assert.That(tape.Count, Is.EqualTo(1));
    }

    [Test]
    public void Under_NoRecord_nothing_is_recorded()
    {
        using Tensor w = Parameter(2);
        using Tape tape = new();
        Tensor c;
        using (Tape.NoRecord())
        {
            Assert.That(Tape.Current, Is.Null);
            c = w * w;
        }

        Assert.That(tape.Count, Is.Zero);
        tape.Backward((c * w).SumTo([]));
        Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 4.0 }));
    }

    [Test]
    public void A_tape_closed_under_NoRecord_does_not_record_again()
    {
        using Tensor w = Parameter(2);
        Tape tape = new();
        using (Tape.NoRecord()) tape.Dispose();
        Assert.That(Tape.Current, Is.Null);
        Assert.That((w * w).TapeNode, Is.Null);
    }

    [Test]
    public void Detach_makes_a_constant_of_the_same_memory()
    {
        using Tensor w = Parameter(2, 5);
        using Tape tape = new();
        Tensor square = w * w, constant = square.Detach();
        Assert.That(constant.Buffer, Is.SameAs(square.Buffer));
        tape.Backward((constant * w).SumTo([]));
        Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 4.0, 25 }));
    }

    [Test]
    public void Only_the_innermost_tape_records()
    {
        using Tensor w = Parameter(3);
        using Tape outer = new();
        Tensor a = w * 2;
        using (Tape inner = new())
        {
            Assert.That(Tape.Current, Is.SameAs(inner));
            inner.Backward((w * w).SumTo([]));
            Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 6.0 }));
        }

        Assert.That(Tape.Current, Is.SameAs(outer));
        Assert.That(outer.Count, Is.EqualTo(1));
        outer.Backward((a * w).SumTo([]));
        Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 6.0 + 12 }));
    }

    [Test]
    public void What_an_outer_tape_differentiates_is_refused_inside_another()
    {
        using Tensor w = Parameter(3);
        Tensor x = Tensor.From(1.0);
        using Tape outer = new();
        outer.Watch(x);
        Tensor a = w * 2;
        using Tape inner = new();
        Assert.That(() => a * w, Throws.TypeOf<TapeException>().With.Message.Contains("computed under an outer tape").And.Message.Contains("Detach"));
        Assert.That(() => x * w, Throws.TypeOf<TapeException>().With.Message.Contains("watched by an outer tape"));
        Assert.That((a.Detach() * w).TapeNode, Is.Not.Null);
        Assert.That(() => inner.Watch(a), Throws.TypeOf<TapeException>().With.Message.Contains("outer tape"));
    }

    [Test]
    public void An_outer_tape_goes_on_watching_what_an_inner_one_watched_too()
    {
        Tensor x = Tensor.From(3.0);
        using Tape outer = new();
        outer.Watch(x);
        using (Tape inner = new())
        {
            inner.Watch(x);
            Assert.That(inner.Gradients(x * x, [x])[0].ToDouble(), Is.EqualTo(6));
        }

        Assert.That(outer.Gradients(x * x * x, [x])[0].ToDouble(), Is.EqualTo(27));
    }

    [Test]
    public void Disposing_an_outer_tape_closes_the_inner_ones()
    {
        Tape outer = new(), inner = new();
        outer.Dispose();
        Assert.That(inner.IsClosed);
        Assert.That(Tape.Current, Is.Null);
        inner.Dispose();
    }

    [Test]
    public void A_second_backward_pass_needs_retain()
    {
        using Tensor w = Parameter(3);
        using Tape tape = new();
        Tensor loss = (w * w).SumTo([]);
        tape.Backward(loss, retain: true);
        tape.Backward(loss);
        Assert.That(w.Grad!.ToDouble(), Is.EqualTo(12));
        Assert.That(() => tape.Backward(loss), Throws.TypeOf<TapeException>().With.Message.Contains("Multiply").And.Message.Contains("retain: true"));
        Assert.That(() => tape.Gradients(loss, [w]), Throws.TypeOf<TapeException>());
    }

    [Test]
    public void A_failed_backward_pass_leaves_no_gradient_on_the_way()
    {
        using Tensor w = Parameter(3), v = Parameter(5);
        using Tape tape = new();
        Tensor a = w * v, loss = (a * a).SumTo([]);
        a.CopyFrom([1.0]);
        Assert.That(() => tape.Backward(loss), Throws.TypeOf<TapeException>());
        Tensor other = a * 2;
        tape.Backward(other);
        Assert.That(w.Grad!.ToDouble(), Is.EqualTo(10));
    }

    [Test]
    public void Backward_releases_what_was_saved()
    {
        using Tensor w = Tensor.Parameter(new double[1000], [1000]);
        MemoryPool pool = w.Accelerator.Pool;
        long before = pool.Statistics.LiveBytes;
        using Tape tape = new();
        Tensor? loss = null;
        using (new TensorScope())
        {
            Tensor a = w * w, b = a * a;
            loss = TensorScope.Keep((b * b).SumTo([]));
        }

        Assert.That(pool.Statistics.LiveBytes - before, Is.EqualTo(2 * 8000 + 8), "a and b live on for the backward pass");
        tape.Backward(loss);
        Assert.That(pool.Statistics.LiveBytes - before, Is.EqualTo(8000).Within(64), "only the gradient is left");
    }

    [Test]
    public void A_saved_tensor_changed_before_backward_is_refused_by_name()
    {
        using Tensor w = Tensor.Parameter([2.0, 3], [2], "layer.weight");
        using Tape tape = new();
        Tensor loss = (w * w).SumTo([]);
        w.FillInPlace(1);
        Assert.That(() => tape.Backward(loss), Throws.TypeOf<TapeException>()
            .With.Message.Contains("'layer.weight' [2] Float64").And.Message.Contains("Multiply").And.Message.Contains("changed"));
    }

    [Test]
    public void A_change_through_a_view_is_noticed()
    {
        using Tensor w = Parameter(2, 3);
        using Tape tape = new();
        Tensor x = Tensor.From(1.0, 1), view = x.Slice(0, 1, 1);
        Tensor loss = (w * x.Reshape(2)).SumTo([]);
        view.CopyFrom([7.0]);
        Assert.That(() => tape.Backward(loss), Throws.TypeOf<TapeException>().With.Message.Contains("operand 1"));
    }

    [Test]
    public void What_was_not_saved_may_change()
    {
        using Tensor w = Parameter(2, 3);
        using Tape tape = new();
        Tensor x = Tensor.From(1.0, 1), loss = ((w + x) * 2).SumTo([]);
        x.FillInPlace(5);
        w.FillInPlace(9);
        Assert.That(() => tape.Backward(loss), Throws.Nothing);
    }

    [Test]
    public void The_loss_must_have_one_element_and_be_recorded_here()
    {
        using Tensor w = Parameter(2, 3);
        Tensor other;
        using (Tape tape = new()) other = TensorScope.Keep((w * w).SumTo([]));
        using (Tape tape = new())
        {
            Assert.That(() => tape.Backward(w * w), Throws.TypeOf<ShapeException>().With.Message.Contains("2 elements"));
            Assert.That(() => tape.Backward(other), Throws.TypeOf<TapeException>());
            tape.Backward(w * w, Tensor.From(1.0, 2));
            Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 4.0, 12 }));
        }

        Tape closed = new();
        closed.Dispose();
        Assert.That(() => closed.Backward(other), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void What_was_kept_from_a_closed_tape_is_a_constant()
    {
        using Tensor w = Parameter(2);
        Tensor kept;
        using (Tape tape = new()) kept = TensorScope.Keep(w * w);
        using (Tape tape = new()) tape.Backward(kept * w);
        Assert.That(w.Grad!.ToDouble(), Is.EqualTo(4));
    }

    [Test]
    public void Threads_have_tapes_of_their_own()
    {
        using Tensor w = Parameter(2);
        using Tape tape = new();
        object? node = w;
        Thread thread = new(() =>
        {
            using Tensor y = w * w;
            node = y.TapeNode;
        });
        thread.Start();
        thread.Join();
        Assert.That(node, Is.Null);
        Assert.That(tape.Count, Is.Zero);
    }

    [Test]
    public void A_tape_that_has_ended_says_so()
    {
        using Tensor x = Tensor.Parameter([1], DType.Float64);
        Tape tape = new();
        Tensor y = x * 2;
        tape.Dispose();
        Assert.That(() => tape.Backward(y), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("before the closing brace"));
    }

    [Test]
    public void A_missing_operand_is_named()
    {
        using Tensor x = Tensor.Parameter([1], DType.Float64);
        using Tape tape = new();
        Assert.That(() => x + (Tensor)null!, Throws.ArgumentNullException.With.Message.Contains("Add: operand 1 is null"));
        Assert.That(() => x.MatMul(null!), Throws.ArgumentNullException);
    }

    private static Tensor Parameter(params double[] values) => Tensor.Parameter(values, [values.Length]);

    private static double[] Values(Tensor x) => x.ToArray<double>();
}
