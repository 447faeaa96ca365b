using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

[InTensorScope]
public sealed class CustomFunctionTests
{
    [Test]
    public void A_function_of_operands_and_result_is_differentiable_twice()
    {
        Tensor x = Tensor.From(0.4, -1.3, 2);
        GradCheck.Assert(v => new Sigmoid().Apply(v[0]), [x]);
        GradCheck.AssertSecondOrder(v => new Sigmoid().Apply(v[0]), [x]);
    }

    [Test]
    public void Saved_intermediates_work_once_and_refuse_the_second_time()
    {
        Tensor x = Tensor.From(0.4, -1.3);
        Func<Tensor[], Tensor> f = v => new Custom((c, x) => { c.Save(x[0] + 1); return x[0] * (x[0] + 2); }, (c, g) => [g * c.Saved(0) * 2]).Apply(v[0]);
        GradCheck.Assert(f, [x]);
        Assert.That(() => GradCheck.RunSecondOrder(f, [x]), Throws.TypeOf<TapeException>().With.Message.Contains("cannot be differentiated again"));
    }

    [Test]
    public void One_gradient_may_serve_several_operands()
    {
        using Tensor a = Tensor.Parameter([2.0], [1]), b = Tensor.Parameter([3.0], [1]);
        using Tape tape = new();
        tape.Backward(new Custom((_, x) => (x[0] + x[1]) * 5, (_, g) => { Tensor t = g * 5; return [t, t]; }).Apply(a, b));
        Assert.That((a.Grad!.ToDouble(), b.Grad!.ToDouble()), Is.EqualTo((5.0, 5.0)));
        Assert.That(a.Grad!.Buffer, Is.Not.SameAs(b.Grad!.Buffer));
    }

    [Test]
    public void A_gradient_that_belongs_to_the_function_is_not_taken_away()
    {
        using Tensor a = Tensor.Parameter([2.0], [1]);
        Tensor constant = Tensor.From(5.0);
        for (int pass = 1; pass <= 2; pass++)
        {
            using Tape tape = new();
            tape.Backward(new Custom((_, x) => x[0] * 5, (_, _) => [constant]).Apply(a));
            Assert.That(a.Grad!.ToDouble(), Is.EqualTo(5.0 * pass));
            Assert.That(constant.ToDouble(), Is.EqualTo(5));
        }
    }

    [Test]
    public void Operands_without_a_gradient_may_get_null()
    {
        using Tensor a = Tensor.Parameter([2.0], [1]);
        using Tape tape = new();
        tape.Backward(new Custom((c, x) => x[0] * c.Save(x[1]), (c, g) => [g * c.Saved(0), null]).Apply(a, Tensor.From(3.0)));
        Assert.That(a.Grad!.ToDouble(), Is.EqualTo(3));
    }

    [Test]
    public void A_result_that_is_an_operand_is_a_node_of_its_own()
    {
        using Tensor a = Tensor.Parameter([2.0], [1]);
        using Tape tape = new();
        Tensor y = new Custom((_, x) => x[0], (_, g) => [g * -1]).Apply(a);
        Assert.That(y, Is.Not.SameAs(a));
        tape.Backward(y * 3);
        Assert.That(a.Grad!.ToDouble(), Is.EqualTo(-3));
    }

    [Test]
    public void The_forward_pass_is_not_recorded()
    {
        using Tensor a = Tensor.Parameter([2.0], [1]);
        using Tape tape = new();
        _ = new Sigmoid().Apply(a);
        Assert.That(tape.Count, Is.EqualTo(1));
    }

    [Test]
    public void Mistakes_are_named()
    {
        using Tensor a = Tensor.Parameter([2.0, 1], [2]);
        Assert.That(Backward((_, _) => [null]), Throws.TypeOf<TapeException>().With.Message.Contains("no gradient for operand 0"));
        Assert.That(Backward((_, g) => [g, g]), Throws.InstanceOf<Exception>().With.Message.Contains("2 gradients for 1 operands"));
        Assert.That(Backward((_, g) => [g.Slice(0, 0, 1)]), Throws.TypeOf<ShapeException>().With.Message.Contains("[1]").And.Message.Contains("[2]"));
        Assert.That(() => new Custom((c, x) => { c.Save(x[0]); c.Saved(0); return x[0]; }, (_, g) => [g]).Apply(a), Throws.TypeOf<InvalidOperationException>());
        Assert.That(() => new Sigmoid().Apply(), Throws.ArgumentException);

        TestDelegate Backward(Func<CustomFunction.Context, Tensor, Tensor?[]> backward) => () =>
        {
            using Tape tape = new();
            tape.Backward(new Custom((_, x) => x[0] * 2, backward).Apply(a), Tensor.From(1.0, 1));
        };
    }

    [Test]
    public void A_saved_operand_that_changed_is_refused()
    {
        using Tensor a = Tensor.Parameter([2.0], [1], "a");
        using Tape tape = new();
        Tensor y = new Custom((c, x) => { c.Save(x[0]); return x[0] * 1; }, (c, g) => [g * c.Saved(0)]).Apply(a);
        a.FillInPlace(0);
        Assert.That(() => tape.Backward(y), Throws.TypeOf<TapeException>().With.Message.Contains("'a'"));
    }

    private sealed class Sigmoid : CustomFunction
    {
        protected override Tensor Forward(Context context, ReadOnlySpan<Tensor> x) => context.Save(1 / (1 + (-x[0]).Exp()));
        protected override Tensor?[] Backward(Context context, Tensor gradient) => [gradient * context.Saved(0) * (1 - context.Saved(0))];
    }

    private delegate Tensor Computation(CustomFunction.Context context, ReadOnlySpan<Tensor> x);

    private sealed class Custom(Computation forward, Func<CustomFunction.Context, Tensor, Tensor?[]> backward) : CustomFunction
    {
        protected override Tensor Forward(Context context, ReadOnlySpan<Tensor> x) => forward(context, x);
        protected override Tensor?[] Backward(Context context, Tensor gradient) => backward(context, gradient);
    }

    [Test]
    public void Asking_for_more_than_was_saved_is_refused()
    {
        using Tensor x = Tensor.Parameter([2.0], [1]);
        using Tape tape = new();
        Tensor y = new Custom((c, x) => x[0] * 2, (c, g) => [g * c.Saved(0)]).Apply(x);
        Assert.That(() => tape.Backward(y), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Forward saved 0 tensors"));
    }
}
