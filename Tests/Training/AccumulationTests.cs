using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Steps over several batches, statistics computed anew, and the search for a rate.</summary>
public sealed class AccumulationTests
{
    [Test]
    public void Small_batches_with_accumulation_train_as_large_ones([Values(1, 2, 5)] int steps)
    {
        // 23 samples in batches of 10: with micro-batches of 10 / steps, the last of an epoch are smaller.
        (double[] Parameters, double[] Losses, long Steps) large = Run(10, 1), small = Run(10 / steps, steps);
        Assert.That(small.Steps, Is.EqualTo(large.Steps));
        Values.AssertClose(small.Parameters, large.Parameters, 1e-12, "parameters");
        Values.AssertClose(small.Losses, large.Losses, 1e-12, "losses");

        static (double[], double[], long) Run(int batch, int steps)
        {
            using Linear model = new(3, 2, dtype: DType.Float64);
            model.Initialize(new Generator(1));
            using AdamW optimizer = new(model.Parameters(), 0.05);
            using DataLoader data = new(Numbers(23), batch, shuffleSeed: 2);
            List<double> losses = [];
            Trainer trainer = new(model, (y, t) => (y - t).Square().Mean(), optimizer, data) { AccumulateSteps = steps, MaxGradientNorm = 0.5, Callbacks = [new Collect(losses)] };
            trainer.Fit(3);
            return ([.. model.Parameters().SelectMany(HostValues.Of)], [.. losses], trainer.Step);
        }
    }

    [Test]
    public void A_run_with_accumulation_that_was_killed_ends_with_the_same_bits([Values(2, 4, 5)] int crash)
    {
        using TemporaryFolder folder = new();
        double[] whole = Run(null, 0);
        Assert.That(() => Run(folder.Path, crash), Throws.TypeOf<CrashException>());
        Assert.That(Run(folder.Path, 0), Is.EqualTo(whole));

        static double[] Run(string? path, int crash)
        {
            using Linear model = new(3, 2, dtype: DType.Float64);
            model.Initialize(new Generator(1));
            using Sgd optimizer = new(model.Parameters(), 0.05, momentum: 0.9);
            using DataLoader data = new(Numbers(23), 3, shuffleSeed: 2);
            Trainer trainer = new(model, (y, t) => (y - t).Square().Mean(), optimizer, data)
            {
                AccumulateSteps = 3,
                Checkpoints = path is null ? null : new CheckpointFolder(path),
                CheckpointEvery = 1,
                Callbacks = crash > 0 ? [new AtStep(crash, _ => throw new CrashException())] : [],
            };
            if (path is not null) trainer.Resume();
            trainer.Fit(2);
            return [.. model.Parameters().SelectMany(HostValues.Of)];
        }
    }

    [Test]
    public void A_trainers_average_is_validated_and_goes_on_after_an_interruption()
    {
        using TemporaryFolder folder = new();
        (double[] Parameters, double[] Averages, double[] Validation) whole = Run(null, 0);
        Assert.That(() => Run(folder.Path, 6), Throws.TypeOf<CrashException>());
        (double[] Parameters, double[] Averages, double[] Validation) resumed = Run(folder.Path, 0);
        Assert.That(resumed.Parameters, Is.EqualTo(whole.Parameters));
        Assert.That(resumed.Averages, Is.EqualTo(whole.Averages));
        Assert.That(resumed.Validation, Is.EqualTo(whole.Validation));
        Assert.That(whole.Averages, Is.Not.EqualTo(whole.Parameters));

        static (double[], double[], double[]) Run(string? path, int crash)
        {
            using Linear model = new(3, 2, dtype: DType.Float64);
            model.Initialize(new Generator(1));
            using Sgd optimizer = new(model.Parameters(), 0.2);
            using WeightAverage average = WeightAverage.Exponential(model.Parameters(), 0.9);
            using DataLoader data = new(Numbers(23), 6, shuffleSeed: 2), validation = new(Numbers(11), 11);
            Trainer trainer = new(model, (y, t) => (y - t).Square().Mean(), optimizer, data)
            {
                Average = average,
                Validation = validation,
                Checkpoints = path is null ? null : new CheckpointFolder(path),
                CheckpointEvery = 1,
                Callbacks = crash > 0 ? [new AtStep(crash, _ => throw new CrashException())] : [],
            };
            if (path is not null) trainer.Resume();
            trainer.Fit(3);
            double[] parameters = [.. model.Parameters().SelectMany(HostValues.Of)];
            MeanLoss loss = new((y, t) => (y - t).Square().Mean());
            using (average.Swap()) Trainer.Evaluate(model, validation, loss);
            Assert.That(loss.Value, Is.EqualTo(trainer.History.Validation("loss")[^1]), "validation saw the averages");
            Assert.That(model.Parameters().SelectMany(HostValues.Of), Is.EqualTo(parameters));
            return (parameters, [.. average.Averages.SelectMany(HostValues.Of)], trainer.History.Validation("loss"));
        }
    }

    [Test]
    public void The_trainer_looks_ahead_for_nesterov()
    {
        using Linear model = new(3, 2, dtype: DType.Float64);
        model.Initialize(new Generator(1));
        using Nesterov optimizer = new(model.Parameters(), 0.05);
        using DataLoader data = new(Numbers(23), 5);
        Trainer trainer = new(model, (y, t) => (y - t).Square().Mean(), optimizer, data) { AccumulateSteps = 2 };
        trainer.Fit(8);
        double[] losses = trainer.History.Training("loss");
        Assert.That(losses[^1], Is.LessThan(0.8 * losses[0]));
    }

    [Test]
    public void Recomputed_statistics_are_the_means_over_the_batches_and_nothing_else_changes()
    {
        using Sequential model = new(new Linear(3, 4, dtype: DType.Float64), new BatchNorm1D(4, dtype: DType.Float64));
        model.Initialize(new Generator(1));
        using DataLoader data = new(Numbers(20), 5);
        model.Eval();
        double[] weights = [.. model.Parameters().SelectMany(HostValues.Of)];
        Assert.That(BatchStatistics.Recompute(model, data), Is.EqualTo(1));
        double[][] expected = new double[2][];
        using (TensorScope scope = new())
        {
            List<Tensor> outputs = [];
            foreach (Batch batch in data) outputs.Add(((Linear)model[0]).Forward(batch.Input).Detach().Copy());
            Tensor all = Tensor.Stack([.. outputs]);      // [batch, sample, channel]
            expected[0] = HostValues.Of(all.Mean([0, 1]));
            expected[1] = HostValues.Of(all.Variance(1).Mean(0));
            var norm = (BatchNorm)model[1];
            Values.AssertClose(HostValues.Of(norm.RunningMean), expected[0], 1e-12, "mean");
            Values.AssertClose(HostValues.Of(norm.RunningVariance), expected[1], 1e-12, "variance");
            Assert.That($"{norm}", Is.EqualTo("BatchNorm1D(4)"));
        }

        Assert.That(model.IsTraining, Is.False);
        Assert.That(model.Parameters().SelectMany(HostValues.Of), Is.EqualTo(weights));
        using Linear none = new(3, 2, dtype: DType.Float64);
        Assert.That(BatchStatistics.Recompute(none, data), Is.Zero);
    }

    [Test]
    public void The_rate_finder_suggests_a_useful_rate_and_leaves_no_trace()
    {
        using TinyTask task = new(validate: false), same = new(validate: false);
        task.Trainer.Fit(1);
        same.Trainer.Fit(1);
        RateCurve curve = RateFinder.Find(task.Model, (y, t) => Loss.CrossEntropy(y, t), task.Optimizer, task.Data, from: 1e-5, to: 30, steps: 60);
        Assert.That(task.Fingerprint(), Is.EqualTo(same.Fingerprint()));
        Assert.That(curve.Rates[0], Is.EqualTo(1e-5));
        Assert.That(curve.Rates, Is.Ordered);
        Assert.That(curve.Losses, Has.Count.EqualTo(curve.Rates.Count));
        Assert.That(curve.Suggested, Is.InRange(1e-4, 3));
        Assert.That(curve.Losses.Min(), Is.LessThan(curve.Losses[0]));
        task.Trainer.Fit(2);
        same.Trainer.Fit(2);
        Assert.That(task.Fingerprint(), Is.EqualTo(same.Fingerprint()), "the training goes on as if nothing had happened");
        Assert.Throws<ArgumentOutOfRangeException>(() => RateFinder.Find(task.Model, (y, t) => y.Sum(), task.Optimizer, task.Data, from: 1, to: 1));
    }

    [Test]
    public void A_plateau_hears_of_the_metric_after_each_epoch()
    {
        ReduceOnPlateau schedule = new(1e-9, factor: 0.5, patience: 0);
        List<double> rates = [];
        using TinyTask task = new(callbacks: [new PlateauReport(schedule), new EachEpoch(() => rates.Add(schedule.Rate(0)))]);
        task.Optimizer.Schedule = schedule;
        task.Trainer.Fit(4);
        // With a rate of nothing the validation's loss changes by the running statistics alone; the first report is always an improvement.
        Assert.That(rates[0], Is.EqualTo(1e-9));
        Assert.That(schedule.Best, Is.EqualTo(task.Trainer.History.Validation("loss").Min()).Within(1e-3).Percent);
        Assert.That(() => new PlateauReport(schedule, "nothing").EpochEnded(task.Trainer, task.Trainer.History.Epochs[0]), Throws.ArgumentException.With.Message.Contains("there is no metric 'nothing'"));
    }

    [Test]
    public void Accumulation_of_no_batch_is_refused()
    {
        using TinyTask task = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new Trainer(task.Model, (y, t) => y.Sum(), task.Optimizer, task.Data) { AccumulateSteps = 0 });
    }

    private static ArrayDataset<double, double> Numbers(int samples)
        => new(Enumerable.Range(0, 3 * samples).Select(i => Math.Sin(1.3 * i)).ToArray(), [3], Enumerable.Range(0, 2 * samples).Select(i => Math.Cos(0.7 * i)).ToArray(), [2]);

    private sealed class CrashException : Exception;

    private sealed class Collect(List<double> losses) : ITrainingCallback
    {
        public void StepEnded(Trainer trainer, double loss) => losses.Add(loss);
    }

    private sealed class EachEpoch(Action action) : ITrainingCallback
    {
        public void EpochEnded(Trainer trainer, EpochRecord epoch) => action();
    }
}
