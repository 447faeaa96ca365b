using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>A metric that follows a script decides when a training ends and which weights it ends with.</summary>
public sealed class EarlyStoppingTests
{
    [TestCase(2, 0, false, new[] { 5.0, 4, 4.5, 3, 3.5, 3.2, 1 }, 6, 4, TestName = "Two_epochs_without_improvement_end_the_training")]
    [TestCase(1, 0, false, new[] { 5.0, 4, 4, 1 }, 3, 2, TestName = "What_is_only_equal_is_no_improvement")]
    [TestCase(2, 0.5, false, new[] { 5.0, 4.8, 4.6, 4.4, 4.2 }, 3, 1, TestName = "A_small_improvement_does_not_count")]
    [TestCase(2, 0.5, false, new[] { 5.0, 4.8, 4.4, 4.2, 4.0, 1 }, 5, 3, TestName = "Improvements_are_measured_from_the_best")]
    [TestCase(2, 0, true, new[] { 1.0, 3, 2, 2.5, 9 }, 4, 2, TestName = "A_metric_may_want_to_be_large")]
    [TestCase(2, 0, false, new[] { double.NaN, 3, double.NaN, 2, double.NaN, double.NaN, 1 }, 6, 4, TestName = "NaN_never_improves")]
    [TestCase(3, 0, false, new[] { double.NaN, double.NaN, double.NaN, 1 }, 3, 0, TestName = "NaN_from_the_start_ends_the_training_too")]
    public void Patience(long patience, double minImprovement, bool higherIsBetter, double[] values, long stops, long best)
    {
        using EarlyStopping stopping = new("score", patience, minImprovement);
        using Run run = new(values, higherIsBetter, [stopping]);
        Assert.That((run.Trainer.Fit(values.Length), run.Trainer.Epoch), Is.EqualTo((TrainingEnd.Stopped, stops)));
        Assert.That((stopping.BestEpoch, stopping.Waited, stopping.IsOver), Is.EqualTo((best, stops - best, true)));
        Assert.That(stopping.Best, Is.EqualTo(best == 0 ? double.NaN : values[best - 1]));
    }

    [Test]
    public void A_training_that_keeps_improving_is_finished()
    {
        using EarlyStopping stopping = new("score", patience: 1);
        using Run run = new([3, 2, 1], false, [stopping]);
        Assert.That((run.Trainer.Fit(3), stopping.IsOver), Is.EqualTo((TrainingEnd.Finished, false)));
    }

    [Test]
    public void The_best_epochs_weights_and_buffers_are_put_back([Values] bool stopped, [Values] bool keepBest)
    {
        double[] values = [3, 1, 2, 2.5, 2];
        Dictionary<long, double[]> weights = [];
        using EarlyStopping stopping = new("score", stopped ? 2 : 9, keepBest: keepBest);
        using Run run = new(values, false, [stopping, new EachEpoch(t => weights[t.Epoch] = State(t.Model))]);
        Assert.That(run.Trainer.Fit(stopped ? 5 : 4), Is.EqualTo(stopped ? TrainingEnd.Stopped : TrainingEnd.Finished));
        Assert.That(weights[2], Is.Not.EqualTo(weights[4]));
        Assert.That(State(run.Model), Is.EqualTo(weights[keepBest ? 2 : 4]));
    }

    [Test]
    public void Weights_are_not_put_back_in_a_training_that_something_else_interrupted()
    {
        double[] last = [];
        using EarlyStopping stopping = new("score", 9, keepBest: true);
        using Run run = new([1, 2, 3], false, [stopping, new AtStep(2 * Run.Steps + 1, t => last = State(t.Model))]);
        Assert.That(run.Trainer.Fit(3, maxSteps: 2 * Run.Steps + 1), Is.EqualTo(TrainingEnd.StepLimit));
        Assert.That(State(run.Model), Is.EqualTo(last));
    }

    [Test]
    public void Where_an_average_is_validated_it_is_the_average_that_is_put_back()
    {
        Dictionary<long, double[]> averages = [];
        using EarlyStopping stopping = new("score", 9, keepBest: true);
        using Run run = new([3, 1, 2], false, [stopping, new EachEpoch(t => averages[t.Epoch] = Averages(t))], average: true, validate: true);
        run.Trainer.Fit(3);
        Assert.That(run.Model.Parameters().SelectMany(HostValues.Of), Is.EqualTo(averages[2]));
        Assert.That(Averages(run.Trainer), Is.EqualTo(averages[3]), "the average itself stays");

        static double[] Averages(Trainer trainer) => [.. trainer.Average!.Averages.SelectMany(HostValues.Of)];
    }

    [Test]
    public void A_resumed_training_stops_at_the_same_epoch_with_the_same_weights([Range(1, 6)] int crashed, [Values] bool average)
    {
        double[] values = [3, 1, 2, 0.5, 2, 2.5, 0];
        using TemporaryFolder folder = new();
        double[] whole;
        using (EarlyStopping stopping = new("score", 2, keepBest: true))
        using (Run run = new(values, false, [stopping], average: average, validate: true))
        {
            run.Trainer.Fit(7);
            Assert.That(stopping.BestEpoch, Is.EqualTo(4));
            whole = State(run.Model);
        }

        using (EarlyStopping stopping = new("score", 2, keepBest: true))
        using (Run run = new(values, false, [stopping], folder.Path, average, validate: true)) run.Trainer.Fit(7, maxSteps: crashed * Run.Steps + 1);
        using EarlyStopping again = new("score", 2, keepBest: true);
        using Run resumed = new(values, false, [new EachEpoch(_ => { }), again], folder.Path, average, validate: true);
        Assert.That(resumed.Trainer.Resume());
        Assert.That((resumed.Trainer.Fit(7), resumed.Trainer.Epoch), Is.EqualTo((TrainingEnd.Stopped, 6)));
        Assert.That((again.BestEpoch, again.Waited, again.Best), Is.EqualTo((4, 2, 0.5)));
        Assert.That(State(resumed.Model), Is.EqualTo(whole));
    }

    [Test]
    public void A_callback_that_served_another_training_forgets_its_weights()
    {
        using EarlyStopping stopping = new("score", 9, keepBest: true);
        using Run first = new([1, 2], false, [stopping]);
        first.Trainer.Fit(2);
        double[] last = [];
        using Run third = new([double.NaN], false, [stopping, new EachEpoch(t => last = State(t.Model))], seed: 8);
        third.Trainer.Fit(1);
        Assert.That(State(third.Model), Is.EqualTo(last), "an epoch without a value leaves no best weights to put back");
    }

    [Test]
    public void Metrics_and_settings_that_do_not_exist_are_refused_before_the_first_step()
    {
        using EarlyStopping stopping = new("f1");
        using Run run = new([1], false, [stopping]);
        Assert.That(() => run.Trainer.Fit(1), Throws.ArgumentException.With.Message.Contains("there is no metric 'f1', only loss, score").And.Message.Contains("Metrics"));
        Assert.That(run.Trainer.Step, Is.Zero);
        Assert.That(() => new EarlyStopping(patience: 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("patience"));
        Assert.That(() => new EarlyStopping(minImprovement: -1), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("minImprovement"));
        Assert.That(() => new EarlyStopping(minImprovement: double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static double[] State(Module model) => [.. model.StateDictionary().Values.SelectMany(HostValues.Of)];

    /// <summary>A small training whose metric "score" takes given values, epoch by epoch.</summary>
    private sealed class Run : IDisposable
    {
        public const int Steps = 2;

        private readonly Sgd _optimizer;
        private readonly DataLoader _data, _validation;

        public Run(double[] values, bool higherIsBetter, ITrainingCallback[] callbacks, string? checkpoints = null, bool average = false, bool validate = false, ulong seed = 1)
        {
            Model = new(new Linear(3, 4, dtype: DType.Float64), new BatchNorm1D(4, dtype: DType.Float64), new Linear(4, 2, dtype: DType.Float64));
            Model.Initialize(new Generator(seed));
            _optimizer = new(Model.Parameters(), 0.1);
            (_data, _validation) = (new(Numbers, 4, shuffleSeed: 2), new(Numbers, 8));
            Trainer = new(Model, (y, t) => (y - t).Square().Mean(), _optimizer, _data)
            {
                Metrics = [new Scripted(values, higherIsBetter, () => Trainer!.Epoch - 1)],
                Validation = validate ? _validation : null,
                Average = average ? WeightAverage.Exponential(Model.Parameters(), 0.8) : null,
                Checkpoints = checkpoints is null ? null : new CheckpointFolder(checkpoints),
                Callbacks = callbacks,
            };
        }

        public Sequential Model { get; }

        public Trainer Trainer { get; }

        private static ArrayDataset<double, double> Numbers
            => new(Enumerable.Range(0, 24).Select(i => Math.Sin(1.3 * i)).ToArray(), [3], Enumerable.Range(0, 16).Select(i => Math.Cos(0.7 * i)).ToArray(), [2]);

        public void Dispose()
        {
            _data.Dispose();
            _validation.Dispose();
            Trainer.Average?.Dispose();
            _optimizer.Dispose();
            Model.Dispose();
        }
    }

    private sealed class Scripted(double[] values, bool higherIsBetter, Func<long> epoch) : Metric
    {
        public override string Name => "score";
        public override bool HigherIsBetter => higherIsBetter;
        public override double Value => values[epoch()];
        public override IReadOnlyList<double> State { get => []; set { } }
        public override void Update(Tensor prediction, Tensor target) { }
        public override void Reset() { }
    }

    private sealed class EachEpoch(Action<Trainer> action) : ITrainingCallback
    {
        public void EpochEnded(Trainer trainer, EpochRecord epoch) => action(trainer);
    }
}
