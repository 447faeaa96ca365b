using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

[InTensorScope]
public sealed class AnomalyTests
{
    [Test]
    public void The_first_op_that_makes_a_NaN_is_named_with_its_operands()
    {
        Tensor x = Tensor.From(double.PositiveInfinity, 1, -2), y = Tensor.From(double.PositiveInfinity, 0, 0);
        using (Anomaly.Detect())
        {
            CallPath.Current = "Sequential/1: Linear(3 → 2)";
            AnomalyException e = Assert.Throws<AnomalyException>(() => _ = x - y)!;
            CallPath.Current = null;
            Assert.That(e.Message, Does.Contain("Subtract").And.Contain("[3]").And.Contain("[-2, ").And.Contain("at Sequential/1: Linear(3 → 2)"));
        }

        Assert.That((x - y).ToArray<double>()[0], Is.NaN, "off again");
    }

    [Test]
    public void A_derivative_that_makes_a_NaN_is_named()
    {
        Tensor x = Tensor.From(0.0);
        using Tape tape = new();
        tape.Watch(x);
        using Anomaly.Detection on = Anomaly.Detect();
        Tensor loss = x.Sqrt() * 0;         // 0 · ∞ on the way back
        Assert.That(() => tape.Backward(loss), Throws.TypeOf<AnomalyException>().With.Message.Contains("Multiply").And.Message.Contains("within the derivative of Sqrt"));
        Tensor direct = new Broken().Apply(x);
        Assert.That(() => tape.Backward(direct), Throws.TypeOf<AnomalyException>().With.Message.Contains("derivative of Broken").And.Message.Contains("operand 0"));
    }

    [Test]
    public void Detection_nests_and_belongs_to_its_thread()
    {
        using (Anomaly.Detect())
        {
            using (Anomaly.Detect()) Assert.That(Anomaly.IsOn);
            Assert.That(Anomaly.IsOn);
            bool elsewhere = true;
            Thread thread = new(() => elsewhere = Anomaly.IsOn);
            thread.Start();
            thread.Join();
            Assert.That(elsewhere, Is.False);
        }

        Assert.That(Anomaly.IsOn, Is.False);
    }

    [Test]
    public void Infinities_and_integers_pass()
    {
        using Anomaly.Detection on = Anomaly.Detect();
        Assert.That(() => Tensor.From(1e308) * 10, Throws.Nothing);
        Assert.That(() => Tensor.From(3L) * 10, Throws.Nothing);
    }

    private sealed class Broken : CustomFunction
    {
        protected override Tensor Forward(Context context, ReadOnlySpan<Tensor> x) => x[0] * 1;
        protected override Tensor?[] Backward(Context context, Tensor gradient) => [Tensor.Full([1], double.NaN, DType.Float64)];
    }
}
