using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>What cannot be repeated runs as usual, to the same result and without a trace.</summary>
[InTensorScope]
public sealed class CaptureIfPossibleTests
{
    private static IEnumerable<TestCaseData> Unrepeatable()
    {
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x * x.Sum().ToDouble()), "reads").SetArgDisplayNames("reads a number");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x * new Generator(1).NextDouble()), "random").SetArgDisplayNames("draws a number");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x =>
        {
            Tensor constant = Tensor.From(1.0, 2);
            constant.AddInPlace(x);
            return constant * 2;
        }), "writes").SetArgDisplayNames("changes a constant");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x.Nonzero().Cast(DType.Float64)), "depends on the operand's numbers").SetArgDisplayNames("has results of any size");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x =>
        {
            using CapturedStep inner = Capture.Of(t => t * 3);
            return inner.Run(x).Copy();
        }), "within another").SetArgDisplayNames("contains another captured step");
    }

    [TestCaseSource(nameof(Unrepeatable))]
    public void What_cannot_be_repeated_runs_as_usual(Func<Tensor, Tensor> function, string why)
    {
        using Tensor x = Tensor.From(1.0, 2);
        double[] expected = function(x).ToArray<double>();
        long live = x.Accelerator.Pool.Statistics.LiveBytes;
        using (CapturedStep step = Capture.IfPossible(1, t => [function(t[0])]))
        {
            for (int run = 0; run < 4; run++)
            {
                Assert.That(step.Run(x).ToArray<double>(), Is.EqualTo(expected));
                Assert.That(step.Refusal, run == 0 ? Is.Null : Does.Contain(why));
            }

            Assert.That((step.Recordings, step.Repetitions), Is.EqualTo((0, 0L)));
        }

        Assert.That(x.Accelerator.Pool.Statistics.LiveBytes, Is.EqualTo(live));
    }

    [Test]
    public void State_that_is_replaced_is_carried_on()
    {
        Tensor carried = Tensor.Zeros([1], DType.Float64);
        TensorScope.Release(carried);
        using Tensor one = Tensor.From(1.0);
        using CapturedStep step = Capture.IfPossible(1, x =>
        {
            Tensor next = carried + x[0];
            TensorScope.Release(next);
            carried.Dispose();
            carried = next;
            return [next * 2];
        });
        for (int run = 1; run < 5; run++) Assert.That(step.Run(one).ToArray<double>(), Is.EqualTo(new[] { 2.0 * run }));
        Assert.That(step.Refusal, Does.Contain("carried"));
        carried.Dispose();
    }

    [Test]
    public void A_step_that_changes_all_the_time_is_given_up()
    {
        using Linear layer = new(2, 2);
        using Tensor x = Tensor.Ones([3, 2]);
        using CapturedStep step = Capture.IfPossible(1, t => [layer.Forward(t[0])]);
        for (int run = 0; run < 40 && step.Refusal is null; run++)
        {
            if (run % 2 == 0) layer.Train();
            else layer.Eval();
            step.Run(x);
        }

        Assert.That(step.Refusal, Does.Contain("16 recordings").And.Contain("0 repetitions"));
        Assert.That(step.Graph, Is.Null);
        Assert.That(step.Run(x).ToArray<float>(), Is.EqualTo(layer.Forward(x).ToArray<float>()));
    }

    [Test]
    public void A_hunt_for_NaN_sees_captured_steps([Values] bool lenient)
    {
        using Tensor good = Tensor.From(1.0, 2), bad = Tensor.From(1.0, -2);
        using CapturedStep step = lenient ? Capture.IfPossible(1, x => [x[0].Log()]) : Capture.Of(x => x.Log());
        for (int run = 0; run < 3; run++) step.Run(good);
        using (Anomaly.Detect()) Assert.That(() => step.Run(bad), Throws.TypeOf<AnomalyException>().With.Message.Contain("Log"));
        Assert.That(step.Run(good).ToArray<double>()[1], Is.EqualTo(Math.Log(2)).Within(1e-15));
        Assert.That(step.Repetitions, Is.EqualTo(2));
    }
}
