using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

public sealed class TrainerTests
{
    [Test]
    public void Xor_is_learned_to_zero_loss()
    {
        float[] inputs = [0, 0, 0, 1, 1, 0, 1, 1];
        using DataLoader data = new(new ArrayDataset<float, long>(inputs, [2], new long[] { 0, 1, 1, 0 }, []), 4);
        using Sequential model = new(new Linear(2, 16), new Tanh(), new Linear(16, 2));
        using Adam optimizer = new(model.Parameters(), 0.05);
        Trainer trainer = new(model, (y, t) => Loss.CrossEntropy(y, t), optimizer, data) { Metrics = [new Accuracy()] };
        Assert.That(trainer.Fit(epochs: 400), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(trainer.History.Training("loss")[^1], Is.LessThan(1e-3));
        Assert.That(trainer.History.Training("accuracy")[^1], Is.EqualTo(1));
    }

    [Test]
    public void History_has_a_row_per_epoch_with_training_and_validation()
    {
        using TinyTask task = new();
        task.Trainer.Fit(epochs: 3);
        TrainingHistory history = task.Trainer.History;
        Assert.That(history.Metrics, Is.EqualTo(new[] { "loss", "accuracy" }));
        Assert.That(history.Epochs.Select(e => (e.Epoch, e.Step)), Is.EqualTo(new[] { (1L, 7L), (2, 14), (3, 21) }));
        Assert.That(history.Validation("accuracy"), Has.Length.EqualTo(3).And.All.InRange(0, 1));
        Assert.That(history.Epochs[2].LearningRate, Is.EqualTo(Schedule.Cosine(0.01, 40).Rate(20)));
        MeanLoss loss = new((y, t) => Loss.CrossEntropy(y, t));
        Trainer.Evaluate(task.Model, task.Validation!, loss);
        Assert.That(history.Validation("loss")[^1], Is.EqualTo(loss.Value), "validation is what Evaluate gives");
        Assert.That(history.Best("loss")!.Validation[0], Is.EqualTo(history.Validation("loss").Min()));
        Assert.That(history.Best("accuracy")!.Validation[1], Is.EqualTo(history.Validation("accuracy").Max()));
        Assert.That(() => history.Best("speed"), Throws.ArgumentException.With.Message.Contains("loss, accuracy"));
    }

    [Test]
    public void History_is_written_as_table_and_curves()
    {
        using Data.TemporaryFolder folder = new();
        using TinyTask task = new(validate: false);
        task.Trainer.Fit(epochs: 2);
        string path = Path.Combine(folder.Path, "history.csv");
        task.Trainer.History.SaveCsv(path);
        string[] lines = File.ReadAllLines(path);
        Assert.That(lines[0], Is.EqualTo("epoch,step,learning rate,seconds,training loss,validation loss,training accuracy,validation accuracy"));
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(lines[2].Split(','), Has.Length.EqualTo(8));
        Assert.That(double.Parse(lines[2].Split(',')[4]), Is.EqualTo(task.Trainer.History.Training("loss")[1]));
        Assert.That(task.Trainer.History.ToChart("t").Panels.Select(p => p.Series.Count), Is.EqualTo(new[] { 1, 1 }));
    }

    [Test]
    public void Callbacks_see_everything_in_order()
    {
        using Data.TemporaryFolder folder = new();
        List<string> seen = [];
        using TinyTask task = new(folder.Path, every: 4, callbacks: [new Witness("a", seen), new Witness("b", seen)]);
        task.Trainer.Fit(epochs: 1);
        string[] expected =
        [
            "started", "epoch started 1", "step 1", "step 2", "step 3", "step 4", "saved step-000000004.checkpoint",
            "step 5", "step 6", "step 7", "epoch ended 1", "saved step-000000007.checkpoint", "ended Finished",
        ];
        Assert.That(seen, Is.EqualTo(expected.SelectMany(line => new[] { $"a {line}", $"b {line}" })));
    }

    [Test]
    public void Training_ends_at_the_step_limit_and_goes_on_from_there()
    {
        using TinyTask whole = new(), parts = new();
        whole.Trainer.Fit(epochs: 2);
        Assert.That(parts.Trainer.Fit(epochs: 2, maxSteps: 3), Is.EqualTo(TrainingEnd.StepLimit));
        Assert.That((parts.Trainer.Step, parts.Trainer.Epoch, parts.Trainer.History.Epochs.Count), Is.EqualTo((3, 0, 0)));
        Assert.That(parts.Trainer.Fit(epochs: 2, maxSteps: 7), Is.EqualTo(TrainingEnd.StepLimit));
        Assert.That(parts.Trainer.Fit(epochs: 2), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(parts.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
    }

    [Test]
    public void A_callback_may_stop_the_training_and_a_token_cancel_it()
    {
        using CancellationTokenSource cancellation = new();
        using TinyTask stopped = new(callbacks: [new AtStep(5, t => t.Stop())]), cancelled = new(callbacks: [new AtStep(6, _ => cancellation.Cancel())]);
        Assert.That((stopped.Trainer.Fit(epochs: 2), stopped.Trainer.Step), Is.EqualTo((TrainingEnd.Stopped, 5)));
        Assert.That((cancelled.Trainer.Fit(2, cancellation: cancellation.Token), cancelled.Trainer.Step), Is.EqualTo((TrainingEnd.Cancelled, 6)));
    }

    [Test]
    public void A_stop_between_steps_holds_before_the_next_one()
    {
        using CancellationTokenSource cancellation = new();
        using TinyTask early = new(callbacks: [new Between(started: t => t.Stop())]), after = new(callbacks: [new Between(epochEnded: t => t.Stop())]),
            cancelled = new(callbacks: [new Between(epochEnded: _ => cancellation.Cancel())]);
        Assert.That((early.Trainer.Fit(epochs: 3), early.Trainer.Step), Is.EqualTo((TrainingEnd.Stopped, 0)));
        Assert.That((after.Trainer.Fit(epochs: 3), after.Trainer.Step, after.Trainer.Epoch), Is.EqualTo((TrainingEnd.Stopped, TinyTask.StepsPerEpoch, 1)));
        Assert.That((after.Trainer.Fit(epochs: 2), after.Trainer.Epoch), Is.EqualTo((TrainingEnd.Finished, 2)), "all that was asked for has been done");
        Assert.That((cancelled.Trainer.Fit(3, cancellation: cancellation.Token), cancelled.Trainer.Step), Is.EqualTo((TrainingEnd.Cancelled, TinyTask.StepsPerEpoch)));
    }

    [Test]
    public void A_step_limit_that_was_reached_before_allows_no_further_step()
    {
        using TinyTask task = new();
        task.Trainer.Fit(epochs: 2, maxSteps: 3);
        Assert.That((task.Trainer.Fit(epochs: 2, maxSteps: 3), task.Trainer.Step), Is.EqualTo((TrainingEnd.StepLimit, 3)));
    }

    [Test]
    public void Evaluation_restores_the_mode_and_begins_at_the_first_batch()
    {
        using TinyTask task = new();
        Accuracy first = new(), second = new();
        task.Data.State = task.Data.State with { Position = 24 };
        Trainer.Evaluate(task.Model, task.Data, first);
        Trainer.Evaluate(task.Model, task.Data, second);
        Assert.That(second.State, Is.EqualTo(first.State));
        Assert.That(first.State[1], Is.EqualTo(TinyTask.Samples));
        Assert.That(task.Model.IsTraining);
        task.Model.Eval();
        Trainer.Evaluate(task.Model, task.Data, first);
        Assert.That(task.Model.IsTraining, Is.False);
    }

    [Test]
    public void A_loss_that_is_not_finite_ends_the_training_before_it_spoils_the_parameters()
    {
        using Data.TemporaryFolder folder = new();
        int calls = 0;
        using TinyTask task = new(folder.Path, every: 2, loss: (y, t) => ++calls == 6 ? Loss.CrossEntropy(y / 0.0, t) : Loss.CrossEntropy(y, t));
        Assert.That(() => task.Trainer.Fit(epochs: 2), Throws.TypeOf<DivergenceException>().With.Message.Contains("the loss is NaN at step 6")
            .And.Message.Contains("Lower the learning rate").And.Message.Contains("step-000000004.checkpoint"));
        Assert.That(task.Model.Parameters().SelectMany(p => p.ToArray<float>()), Has.All.Matches<float>(float.IsFinite));
        Assert.That(task.Model.Parameters().Select(p => p.Grad), Has.All.Null);
    }

    [Test]
    public void No_checkpoint_is_saved_of_parameters_that_are_not_finite()
    {
        using Data.TemporaryFolder folder = new();
        TinyTask? task = null;
        using (task = new(folder.Path, every: 3, callbacks: [new AtStep(6, _ => task!.Model.Parameters()[1].FillInPlace(double.NaN))]))
        {
            Assert.That(() => task.Trainer.Fit(epochs: 1), Throws.TypeOf<DivergenceException>().With.Message.Contains("parameter '0.bias' is not finite"));
            Assert.That(task.Trainer.Checkpoints!.List().Select(c => c.Step), Is.EqualTo(new[] { 3L }));
        }
    }

    [Test]
    public void A_forward_pass_that_throws_leaks_nothing()
    {
        Throwing layer = new();
        using TinyTask task = new(layer: layer);
        task.Trainer.Fit(epochs: 1);
        long blocks = CpuAccelerator.Instance.Pool.Statistics.LiveBlocks;
        layer.Throws = true;
        Assert.That(() => task.Trainer.Fit(epochs: 2), Throws.InvalidOperationException.With.Message.EqualTo("half-way"));
        Assert.That(CpuAccelerator.Instance.Pool.Statistics.LiveBlocks, Is.EqualTo(blocks));
        layer.Throws = false;
        Assert.That(task.Trainer.Fit(epochs: 2), Is.EqualTo(TrainingEnd.Finished), "the trainer can go on");
    }

    [Test]
    public void Memory_is_steady_from_step_500_to_3000()
    {
        List<(PoolStatistics Pool, long Heap)> at = [];
        void Measure(Trainer trainer)
        {
            long heap = GC.GetTotalMemory(forceFullCollection: true);
            at.Add((CpuAccelerator.Instance.Pool.Statistics, heap));
        }

        using TinyTask task = new(callbacks: [new AtStep(500, Measure), new AtStep(3000, Measure)], samples: 3001 * TinyTask.Batch);
        task.Trainer.Fit(epochs: 1, maxSteps: 3000);
        Assert.That(at[1].Pool, Is.EqualTo(at[0].Pool));
        Assert.That(at[1].Heap - at[0].Heap, Is.LessThan(64 << 10), "managed bytes");
        Assert.That(at[0].Pool.LiveBlocks, Is.Positive);
    }

    [Test]
    public void Progress_is_a_line_per_epoch_where_there_is_no_terminal()
    {
        using StringWriter output = new();
        using TinyTask task = new(callbacks: [new ConsoleProgress(output)]);
        task.Trainer.Fit(epochs: 2);
        string[] lines = output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[1], Does.Match(@"^epoch 2/2   training loss 0\.\d{4}  accuracy \d+\.\d\d %   validation loss 0\.\d{4}  accuracy \d+\.\d\d %   \d+\.\d s$"));
    }

    [Test]
    public void Impossible_settings_are_refused()
    {
        using TinyTask task = new();
        Assert.That(() => task.Trainer.Fit(epochs: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => task.Trainer.Fit(1, maxSteps: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Trainer(task.Model, (y, t) => y, task.Optimizer, task.Data) { CheckpointEvery = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("CheckpointEvery"));
        Trainer twins = new(task.Model, (y, t) => Loss.CrossEntropy(y, t), task.Optimizer, task.Data) { Metrics = [new Accuracy(), new Accuracy()] };
        Assert.That(() => twins.Fit(1), Throws.ArgumentException.With.Message.Contains("'accuracy'"));
        Assert.That(task.Trainer.Resume, Throws.InvalidOperationException.With.Message.Contains("Set Checkpoints"));
    }

    [Test]
    public void Accuracy_wants_scores_and_classes()
    {
        using TensorScope scope = new();
        Accuracy accuracy = new();
        Assert.That(accuracy.Value, Is.NaN);
        accuracy.Update(Tensor.From(new float[,] { { 1, 2, 0 }, { 3, 2, 1 }, { 0, 0, 1 } }), Tensor.From(1L, 0L, 1L));
        Assert.That(accuracy.Value, Is.EqualTo(2.0 / 3));
        Assert.That(() => accuracy.Update(Tensor.Zeros([3, 2]), Tensor.Zeros([2], DType.Int64)), Throws.TypeOf<ShapeException>());
        Assert.That(() => accuracy.State = [1], Throws.ArgumentException.With.Message.Contains("accuracy"));
    }

    private sealed class Throwing : Module<Tensor, Tensor>
    {
        public bool Throws { get; set; }

        protected override Tensor ForwardCore(Tensor x)
        {
            Tensor y = x.Tanh();
            return Throws ? throw new InvalidOperationException("half-way") : y * 2;
        }
    }

    private sealed class Between(Action<Trainer>? started = null, Action<Trainer>? epochEnded = null) : ITrainingCallback
    {
        public void Started(Trainer trainer) => started?.Invoke(trainer);
        public void EpochEnded(Trainer trainer, EpochRecord epoch) => epochEnded?.Invoke(trainer);
    }

    private sealed class Witness(string name, List<string> seen) : ITrainingCallback
    {
        public void Started(Trainer trainer) => seen.Add($"{name} started");
        public void EpochStarted(Trainer trainer) => seen.Add($"{name} epoch started {trainer.Epoch + 1}");
        public void StepEnded(Trainer trainer, double loss) => seen.Add($"{name} step {trainer.Step}");
        public void EpochEnded(Trainer trainer, EpochRecord epoch) => seen.Add($"{name} epoch ended {epoch.Epoch}");
        public void CheckpointSaved(Trainer trainer, string path) => seen.Add($"{name} saved {Path.GetFileName(path)}");
        public void Ended(Trainer trainer, TrainingEnd? end) => seen.Add($"{name} ended {end}");
    }
}
