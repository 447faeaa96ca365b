using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Models that say always the same, so that what several make together can be worked out by hand.</summary>
[InTensorScope]
public sealed class EnsembleTests
{
    private static readonly double[][] _opinions = [[0, 1, 2], [0, 3, 0], [1, 0, 0.5]];

    [Test]
    public void Probabilities_are_averaged()
    {
        double[] y = Outputs(EnsembleRule.Probabilities);
        double[] expected = [.. Enumerable.Range(0, 3).Select(c => _opinions.Average(o => Math.Exp(o[c]) / o.Sum(Math.Exp)))];
        Assert.That(y.Select(Math.Exp), Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void Outputs_are_averaged() => Assert.That(Outputs(EnsembleRule.Outputs), Is.EqualTo(new[] { 1 / 3.0, 4 / 3.0, 2.5 / 3 }).Within(1e-15));

    [Test]
    public void Votes_are_counted() => Assert.That(Outputs(EnsembleRule.Votes), Is.EqualTo(new[] { 1 / 3.0, 1 / 3.0, 1 / 3.0 }).Within(1e-15));

    [Test]
    public void Pixels_are_voted_on_one_by_one()
    {
        using Ensemble ensemble = new([new Lambda(x => x), new Lambda(x => -x), new Lambda(x => x * 2)], EnsembleRule.Votes);
        Tensor x = Tensor.From(new double[] { 1, 2, 3, 9, 8, 7, 0, 5, 4, 3, 2, 1 }, [2, 3, 2]);       // [batch, classes, pixels]
        Tensor y = ensemble.Forward(x);
        Assert.That(y.Shape, Is.EqualTo(x.Shape));
        Assert.That(y.ArgMax(1).ToArray<long>(), Is.EqualTo(x.ArgMax(1).ToArray<long>()), "two of three agree");
        Assert.That(y.Max(1).ToArray<double>(), Is.All.EqualTo(2 / 3.0).Within(1e-15));
        Assert.That(y.Sum(1).ToArray<double>(), Is.All.EqualTo(1).Within(1e-15));
    }

    [Test]
    public void Wrong_models_are_refused()
    {
        Assert.That(() => new Ensemble([]), Throws.ArgumentException.With.Message.Contains("at least one model"));
        using Ensemble numbers = new([new Lambda(x => x)]);
        Assert.That(() => numbers.Forward(Tensor.Zeros([3])), Throws.TypeOf<ShapeException>().With.Message.Contains("EnsembleRule.Outputs"));
    }

    [Test]
    public void Checkpoints_of_one_run_make_an_ensemble()
    {
        using TemporaryFolder folder = new();
        using TinyTask task = new(folder.Path);
        task.Trainer.Fit(2);
        Func<Module<Tensor, Tensor>> create = () => new Sequential(new Linear(2, 16), new BatchNorm1D(16), new Tanh(), new Dropout(0.2), new Linear(16, 2));
        using Ensemble ensemble = Ensemble.Load(create, task.Trainer.Checkpoints!.List().Select(stored => stored.Path));
        using Ensemble last = Ensemble.Load(create, [task.Trainer.Checkpoints.Latest()!.Value.Path], EnsembleRule.Outputs);
        Assert.That(ensemble.Parameters(), Has.Count.EqualTo(2 * task.Model.Parameters().Count));
        Accuracy both = new(), one = new(), own = new();
        Trainer.Evaluate(ensemble, task.Validation!, both);
        Trainer.Evaluate(last, task.Validation!, one);
        Trainer.Evaluate(task.Model, task.Validation!, own);
        Assert.That(one.Value, Is.EqualTo(own.Value));
        Assert.That(both.Value, Is.InRange(0.3, 1));
        Assert.That(() => Ensemble.Load(() => new Linear(3, 3), [task.Trainer.Checkpoints.Latest()!.Value.Path]), Throws.ArgumentException);
    }

    [Test]
    public void A_stack_trains_its_head_only_and_learns_whom_to_trust()
    {
        // The first model knows the class, the second says the opposite, more loudly.
        using Linear wise = Fixed([[4, 0], [-4, 0]]), fool = Fixed([[-9, 0], [9, 0]]), head = new(4, 2);
        using StackedEnsemble stack = new([wise, fool], head);
        Assert.That(stack.Parameters(), Is.EqualTo(head.Parameters()));
        using Adam optimizer = new(stack.Parameters(), 0.1);
        stack.Train();
        Assert.That(wise.IsTraining, Is.False);
        Tensor x = Tensor.From(new float[,] { { 1, 0 }, { -1, 0.5f }, { 0.3f, -1 }, { -0.2f, 1 } }), t = Tensor.From(0L, 1L, 0L, 1L);
        for (int step = 0; step < 100; step++)
        {
            using Tape tape = new();
            tape.Backward(Loss.CrossEntropy(stack.Forward(x), t));
            optimizer.Step();
            optimizer.ZeroGrad();
        }

        Accuracy accuracy = new();
        accuracy.Update(stack.Forward(x), t);
        Assert.That(accuracy.Value, Is.EqualTo(1));
        Assert.That(wise.Parameters().Concat(fool.Parameters()).Select(p => p.Grad), Is.All.Null);
        Assert.That(() => new StackedEnsemble([], head), Throws.ArgumentException);
    }

    private static double[] Outputs(EnsembleRule rule)
    {
        using Ensemble ensemble = new(_opinions.Select(opinion => new Lambda(_ => Tensor.From(opinion, [1, 3]))), rule);
        return ensemble.Forward(Tensor.Zeros([1, 1])).ToArray<double>();
    }

    private static Linear Fixed(float[][] weights)
    {
        Linear model = new(2, 2);
        model.Weight.CopyFrom([.. weights.SelectMany(row => row)]);
        return model;
    }
}
