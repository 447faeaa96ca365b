using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>What arrives in Grad and in Gradients(…). What a tape records, and when, is in TapeTests.</summary>
[InTensorScope]
public sealed class TapeGradientTests
{
    [Test]
    public void Gradients_accumulate_until_they_are_zeroed()
    {
        using Tensor w = Parameter(2, 3);
        for (int pass = 1; pass <= 3; pass++)
        {
            using Tape tape = new();
            tape.Backward((w * w).SumTo([]));
            Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 4.0 * pass, 6.0 * pass }));
        }

        w.ZeroGrad();
        Assert.That(w.Grad, Is.Null);
        using (Tape tape = new()) tape.Backward((w * 5).SumTo([]));
        Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 5.0, 5 }));
    }

    [Test]
    public void A_parameter_used_several_times_gets_the_sum()
    {
        using Tensor w = Parameter(2, 3);
        using Tape tape = new();
        Tensor y = w * w + w * 4 - w + (w.Slice(0, 0, 1) * w.Slice(0, 1, 1)).Expand([2]);
        tape.Backward(y.SumTo([]));
        Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 4.0 + 3 + 6, 6 + 3 + 4 }));
    }

    [Test]
    public void Watched_tensors_get_a_gradient_until_the_tape_closes()
    {
        Tensor x = Tensor.From(2.0, -1);
        using (Tape tape = new())
        {
            Assert.That(tape.Watch(x), Is.SameAs(x));
            Assert.That(tape.Watch(x), Is.SameAs(x));
            tape.Backward((x * x * x).SumTo([]));
        }

        Assert.That(Values(x.Grad!), Is.EqualTo(new[] { 12.0, 3 }));
        using (Tape tape = new()) Assert.That((x * x).TapeNode, Is.Null);
        x.Grad = null;
    }

    [Test]
    public void Watch_refuses_integers_and_computed_tensors()
    {
        using Tensor w = Parameter(2);
        using Tape tape = new();
        Assert.That(() => tape.Watch(Tensor.From(1L)), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast"));
        Assert.That(() => tape.Watch(w * w), Throws.TypeOf<TapeException>().With.Message.Contains("Gradients(y, [x])"));
    }

    [Test]
    public void Gradients_leave_Grad_alone_and_outlive_the_inner_scopes()
    {
        using Tensor w = Parameter(3);
        Tensor[] gradients;
        using (Tape tape = new())
        {
            Tensor square = w * w, y = square * w;
            gradients = tape.Gradients(y, [w, square, w, y]);
            Assert.That(gradients.Select(g => g.ToDouble()), Is.EqualTo(new[] { 27.0, 3, 27, 1 }));
            gradients[2].FillInPlace(0);
            Assert.That(gradients[0].ToDouble(), Is.EqualTo(27), "an x asked for twice gets memory of its own");
        }

        Assert.That(w.Grad, Is.Null);
        Assert.That(gradients, Has.All.Property(nameof(Tensor.IsDisposed)).True, "they belong to the tape's scope");
    }

    [Test]
    public void Gradients_weigh_the_elements_of_y()
    {
        using Tensor w = Parameter(3, 4);
        using Tape tape = new();
        Tensor y = w * w;
        Assert.That(Values(tape.Gradients(y, [w])[0]), Is.EqualTo(new[] { 6.0, 8 }));
        Assert.That(Values(tape.Gradients(y, [w], gradient: Tensor.From(1.0, -10))[0]), Is.EqualTo(new[] { 6.0, -80 }));
        Assert.That(() => tape.Gradients(y, [w], gradient: Tensor.From(1.0)), Throws.TypeOf<ShapeException>());
        Assert.That(() => tape.Gradients(y, [w], gradient: Tensor.From(1f, 1)), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void Gradients_are_zero_for_what_y_does_not_depend_on_and_refuse_the_unknown()
    {
        using Tensor w = Parameter(3), v = Parameter(1, 2);
        using Tape tape = new();
        Assert.That(Values(tape.Gradients(w * w, [v])[0]), Is.EqualTo(new[] { 0.0, 0 }));
        Assert.That(() => tape.Gradients(w * w, [Tensor.From(1.0)]), Throws.TypeOf<TapeException>().With.Message.Contains("Watch"));
    }

    [Test]
    public void Derivatives_of_derivatives_to_third_order()
    {
        Tensor x = Tensor.From(1.5, -2);
        using Tape tape = new();
        tape.Watch(x);
        Tensor y = x * x * x * x;
        Tensor first = tape.Gradients(y, [x], createGraph: true)[0];
        Tensor second = tape.Gradients(first, [x], createGraph: true)[0];
        Tensor third = tape.Gradients(second, [x], createGraph: true)[0];
        Tensor fourth = tape.Gradients(third, [x])[0];
        Assert.That(Values(first), Is.EqualTo(new[] { 4 * 3.375, -32 }));
        Assert.That(Values(second), Is.EqualTo(new[] { 12 * 2.25, 48 }));
        Assert.That(Values(third), Is.EqualTo(new[] { 36.0, -48 }));
        Assert.That(Values(fourth), Is.EqualTo(new[] { 24.0, 24 }));
    }

    [Test]
    public void A_gradient_penalty_reaches_the_parameters()
    {
        // L = (∂(w·x²)/∂x)² = 4w²x², dL/dw = 8wx².
        using Tensor w = Parameter(3);
        Tensor x = Tensor.From(2.0);
        using Tape tape = new();
        tape.Watch(x);
        Tensor slope = tape.Gradients(w * x * x, [x], createGraph: true)[0];
        tape.Backward((slope * slope).SumTo([]));
        Assert.That(w.Grad!.ToDouble(), Is.EqualTo(8 * 3 * 4));
        x.Grad = null;
    }

    [Test]
    public void GradientReady_is_raised_once_per_parameter_when_it_is_complete()
    {
        using Tensor w = Parameter(2), v = Parameter(3), unused = Parameter(1);
        using Tape tape = new();
        List<(Tensor, double)> ready = [];
        tape.GradientReady += p => ready.Add((p, p.Grad!.ToDouble()));
        Tensor loss = (w * v * w + v).SumTo([]);
        tape.Backward(loss);
        Assert.That(ready, Is.EquivalentTo(new[] { (w, 12.0), (v, 5.0) }));
        Assert.That(unused.Grad, Is.Null);
    }

    [Test]
    public void A_tape_is_differentiated_by_one_pass_at_a_time()
    {
        using Tensor w = Parameter(2);
        using Tape tape = new();
        Tensor square = w * w;
        tape.GradientReady += _ => tape.Gradients(square, [w]);
        Assert.That(() => tape.Backward(square), Throws.TypeOf<TapeException>().With.Message.Contains("already"));
        Assert.That(tape.Gradients(square, [w])[0].ToDouble(), Is.EqualTo(4), "and is usable afterwards");
    }

    [Test]
    public void Broadcast_operands_get_gradients_of_their_own_shape()
    {
        using Tensor column = Tensor.Parameter([1.0, 2, 3], [3, 1]), row = Tensor.Parameter([10.0, 20], [2]), scalar = Tensor.Parameter([7.0], []);
        using Tape tape = new();
        tape.Backward((column * row * scalar).SumTo([]));
        Assert.That(column.Grad!.Shape, Is.EqualTo(new Shape([3, 1])));
        Assert.That(Values(column.Grad), Is.EqualTo(new[] { 210.0, 210, 210 }));
        Assert.That(Values(row.Grad!), Is.EqualTo(new[] { 42.0, 42 }));
        Assert.That(scalar.Grad!.Rank, Is.Zero);
        Assert.That(scalar.Grad.ToDouble(), Is.EqualTo(180));
    }

    [Test]
    public void Gradients_pass_through_views_of_views()
    {
        using Tensor w = Tensor.Parameter([.. Enumerable.Range(0, 6).Select(i => (double)i)], [2, 3]);
        using Tape tape = new();
        Tensor view = w.Transpose().Slice(0, 2, 2, -2).Unsqueeze(1).Expand([2, 2, 2]).Reshape(4, 2).Select(1, 0);
        Assert.That(Values(view), Is.EqualTo(new[] { 2.0, 2, 0, 0 }));
        tape.Backward((view * Tensor.From(1.0, 10, 100, 1000)).SumTo([]));
        Assert.That(Values(w.Grad!), Is.EqualTo(new[] { 1100.0, 0, 11, 0, 0, 0 }));
        Assert.That(w.Grad!.Layout.IsDense);
    }

    [Test]
    public void A_frozen_parameter_is_a_constant()
    {
        using Tensor w = Parameter(2), frozen = Parameter(5);
        frozen.IsFrozen = true;
        using (Tape tape = new())
        {
            tape.Backward(frozen * w * frozen);
            Assert.That(w.Grad!.ToDouble(), Is.EqualTo(25));
            Assert.That(frozen.Grad, Is.Null);
            Assert.That(() => tape.Backward(frozen * 2), Throws.TypeOf<TapeException>().With.Message.Contains("unfrozen"));
        }

        frozen.IsFrozen = false;
        using (Tape tape = new()) tape.Backward(frozen * 2);
        Assert.That(frozen.Grad!.ToDouble(), Is.EqualTo(2));
    }

    [Test]
    public void An_assigned_Grad_is_filled_in_place_and_zeroed()
    {
        using Tensor w = Parameter(2, 3), v = Parameter(5), bucket = Tensor.Zeros([3], DType.Float64);
        w.Grad = bucket.Slice(0, 0, 2);
        v.Grad = bucket.Slice(0, 2, 1);
        for (int pass = 1; pass <= 2; pass++)
        {
            using Tape tape = new();
            tape.Backward((w * w * v).SumTo([]));
            Assert.That(Values(bucket), Is.EqualTo(new[] { 20.0 * pass, 30 * pass, 13 * pass }));
        }

        w.ZeroGrad();
        Assert.That(Values(bucket), Is.EqualTo(new[] { 0.0, 0, 26 }));
        Assert.That(w.Grad, Is.Not.Null);
        Assert.That(() => w.Grad = bucket, Throws.TypeOf<ShapeException>());
        Assert.That(() => w.Grad = Tensor.Zeros([2]), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void An_assigned_Grad_that_was_disposed_is_replaced()
    {
        using Tensor w = Parameter(2);
        Tensor bucket = Tensor.Zeros([1], DType.Float64);
        w.Grad = bucket;
        bucket.Dispose();
        Assert.That(w.Grad, Is.Null);
        using (Tape tape = new()) tape.Backward(w * w);
        Assert.That(w.Grad!.ToDouble(), Is.EqualTo(4));
        Assert.That(bucket.IsDisposed);
    }

    private static Tensor Parameter(params double[] values) => Tensor.Parameter(values, [values.Length]);

    private static double[] Values(Tensor x) => x.ToArray<double>();
}
