using Gradwright.Layers;
using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>A gradient check as the courses ask for it, and graphs that differ from pass to pass.</summary>
[InTensorScope]
public sealed class GradCheckProtocolTests
{
    [Test]
    public void A_warmed_up_network_is_checked_at_a_sample_of_every_parameter_with_loss_and_penalty_apart()
    {
        using Sequential model = new(new Linear(6, 20, dtype: DType.Float64), new Gradwright.Layers.Tanh(), new Dropout(0.3), new Linear(20, 3, dtype: DType.Float64));
        model.Initialize(new Generator(1));
        Tensor x = Tensor.Normal([10, 6], new Generator(2), dtype: DType.Float64), y = Tensor.From([.. Enumerable.Range(0, 10).Select(i => i % 3L)]);
        using Sgd optimizer = new(model.Parameters(), 0.1);
        for (int step = 0; step < 20; step++)
        {
            using (Tape tape = new()) tape.Backward(Loss.CrossEntropy(model.Forward(x), y));
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        GradCheckOptions options = new() { MaxElements = 16 };
        foreach (Func<Tensor[], Tensor> part in (Func<Tensor[], Tensor>[])[x => Loss.CrossEntropy(model.Forward(x[0]), y), _ => Regularizer.L2(model.Parameters(), 0.1)])
        {
            GradCheckReport report = GradCheck.Run(model, part, [x], options);
            Assert.That(report.Passed && report.Verdict <= GradCheckVerdict.Acceptable, report.ToString());
            string[] names = [.. model.NamedParameters().Select(entry => entry.Name)];
            Assert.That(report.Entries.Where(e => e.Name != "input 0").Take(4).Select(e => (e.Name, e.Checked)), Is.EqualTo(names.Zip(new[] { 16L, 16, 16, 3 })));
        }
    }

    [TestCase(0.5, 1), TestCase(2.0, 3), TestCase(40.0, 7)]
    public void A_loop_as_long_as_the_data_says_is_differentiated(double x, int passes)
    {
        using Tape tape = new();
        Tensor start = tape.Watch(Tensor.From(x)), y = start;
        int count = 0;
        do
        {
            y *= 0.5;
            count++;
        }
        while (y.Sum().ToDouble() > 0.4);

        Assert.That(count, Is.EqualTo(passes));
        Assert.That(tape.Gradients(y.Sum(), [start])[0].ToDouble(), Is.EqualTo(Math.Pow(0.5, passes)));
    }
}
