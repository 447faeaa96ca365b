using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Penalties, their gradients, and what is done to weights after a step.</summary>
public sealed class RegularizerTests
{
    [Test]
    public void A_penalty_in_the_loss_and_its_gradient_added_by_hand_are_the_same([Values] bool doubles)
    {
        (Shape, DType)[] tensors = doubles ? [([3, 5], DType.Float64), ([7], DType.Float64)] : [([3, 5], DType.Float32), ([7], DType.Float64)];
        using TestModel recorded = new(tensors), added = new(tensors);
        using (Tape tape = new())
        {
            Tensor penalty = Regularizer.ElasticNet(recorded.Parameters, 0.25, 0.5);
            double expected = recorded.Values().Sum(x => x.Sum(v => 0.25 * Math.Abs(v) + 0.25 * v * v));
            Assert.That(penalty.ToDouble(), Is.EqualTo(expected).Within(1e-5));
            recorded.SetGradients(1);
            tape.Backward(penalty);
        }

        added.SetGradients(1);
        Regularizer.AddToGradients(added.Parameters, 0.25, 0.5);
        for (int k = 0; k < 2; k++) Values.AssertClose(TestModel.Read(added.Parameters[k].Grad!), TestModel.Read(recorded.Parameters[k].Grad!), 1e-6, $"parameter {k}");
    }

    [Test]
    public void An_L2_penalty_trains_as_a_weight_decay()
    {
        using TestModel model = new(DType.Float64, [4, 3]), decayed = new(DType.Float64, [4, 3]);
        using Sgd first = new(model.Parameters, 0.1, 0.9), second = new(decayed.Parameters, 0.1, 0.9, weightDecay: 0.3);
        for (int t = 0; t < 5; t++)
        {
            model.SetGradients(t);
            using (Tape tape = new()) tape.Backward(Regularizer.L2(model.Parameters, 0.3));
#pragma warning disable GW0002 // SetGradients writes them anew
            first.Step();
#pragma warning restore GW0002
            AllOptimizers.Step(decayed, second, t);
        }

        Values.AssertClose(model.Values()[0], decayed.Values()[0], 1e-14, "weights");
    }

    [Test]
    public void Shrinking_makes_exact_zeros()
    {
        using Tensor x = Tensor.Parameter<float>([0.5f, -0.5f, 0.1f, -0.1f, 0, float.NaN, 3], [7]);
        Regularizer.Shrink([x], 0.2);
        Assert.That(x.ToArray<float>(), Is.EqualTo(new[] { 0.3f, -0.3f, 0, 0, 0, float.NaN, 2.8f }).Within(1e-7f));
        x.IsFrozen = true;
        Regularizer.Shrink([x], 0.2);
        Assert.That(x.ToArray<float>()[0], Is.EqualTo(0.3f).Within(1e-7f));
    }

    [Test]
    public void Max_norm_projects_each_units_incoming_weights([Values] bool doubles)
    {
        using TestModel model = new(doubles ? DType.Float64 : DType.Float32, [4, 3], [4, 2, 3, 3]);
        foreach (Tensor weight in model.Parameters)
        {
            long row = weight.Count / 4;
            TestModel.Write(weight, i => i / row * 2 * Math.Cos(i));      // unit 0 is all zeros
            double[] before = TestModel.Read(weight);
            Regularizer.LimitNorms([weight], most: 3);
            double[] after = TestModel.Read(weight);
            for (int unit = 0; unit < 4; unit++)
            {
                Range elements = (int)(unit * row)..(int)((unit + 1) * row);
                double norm = Math.Sqrt(before[elements].Sum(v => v * v)), factor = norm > 3 ? 3 / norm : 1;
                Assert.That(after[elements], Is.EqualTo(before[elements].Select(v => v * factor)).Within(1e-6), $"unit {unit}");
                if (factor == 1) Assert.That(after[elements], Is.EqualTo(before[elements]), "within the limit no bit changes");
            }

            Assert.That(after, Is.Not.EqualTo(before));
        }
    }

    [Test]
    public void Max_norm_of_columns_and_bad_arguments()
    {
        using Tensor x = Tensor.Parameter<double>([3, 0.1, 4, 0.2], [2, 2]), bias = Tensor.Parameter<double>([9], [1]);
        Regularizer.LimitNorms([x], 1, unitAxis: 1);
        Assert.That(x.ToArray<double>(), Is.EqualTo(new[] { 0.6, 0.1, 0.8, 0.2 }).Within(1e-15));
        Assert.That(Assert.Throws<ShapeException>(() => Regularizer.LimitNorms([bias], 1))!.Message, Does.Contain("without the biases"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Regularizer.LimitNorms([x], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Regularizer.L1([x], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Regularizer.Shrink([x], -1));
        Assert.That(Assert.Throws<ArgumentException>(() => Regularizer.L1([], 1))!.Message, Does.Contain("nothing to penalize"));
    }
}
