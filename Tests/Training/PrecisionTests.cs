using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Trainings in mixed precision, with and without a scaled loss.</summary>
public sealed class PrecisionTests
{
    [TestCase(MixedPrecision.BFloat16), TestCase(MixedPrecision.Float16)]
    public void A_trainer_learns_in_mixed_precision_and_validates_in_it(MixedPrecision precision)
    {
        HashSet<(bool Training, DType)> seen = [];
        TinyTask task = null!;
        using (task = new(precision: precision, learningRate: 0.05, loss: (y, t) =>
        {
            seen.Add((task.Model.IsTraining, y.DType));
            return Loss.CrossEntropy(y, t);
        }))
        {
            task.Trainer.Fit(20);
            double[] losses = task.Trainer.History.Validation("loss");
            Assert.That(losses[^1], Is.LessThan(0.6 * losses[0]));
            DType half = precision == MixedPrecision.BFloat16 ? DType.BFloat16 : DType.Float16;
            Assert.That(seen, Is.EquivalentTo(new[] { (true, half), (false, half) }));
            Assert.That(task.Model.Parameters().Select(p => p.DType), Is.All.EqualTo(DType.Float32));
            Assert.That(task.Trainer.LossScaler is not null, Is.EqualTo(precision == MixedPrecision.Float16));
            Assert.That(MixedPrecisions.Current, Is.EqualTo(MixedPrecision.Off));
        }
    }

    [Test]
    public void Without_a_precision_of_its_own_a_trainer_takes_its_callers()
    {
        HashSet<DType> seen = [];
        using TinyTask task = new(loss: (y, t) =>
        {
            seen.Add(y.DType);
            return Loss.CrossEntropy(y, t);
        });
        using (MixedPrecision.BFloat16.Use()) task.Trainer.Fit(1);
        Assert.That(seen, Is.EqualTo([DType.BFloat16]));
    }

    [Test]
    public void A_scale_that_is_a_power_of_two_changes_no_bit_in_single_precision()
    {
        using TinyTask plain = new(), scaled = new(scaler: new(1024));
        plain.Trainer.Fit(2);
        scaled.Trainer.Fit(2);
        Assert.That(scaled.Fingerprint(), Is.EqualTo(plain.Fingerprint()));
        Assert.That(scaled.Trainer.LossScaler!.State, Is.EqualTo(new LossScalerState(1024, 14, 0)));
    }

    [Test]
    public void Steps_that_overflow_are_left_out_until_the_scale_suits()
    {
        List<long> steps = [], updates = [];
        using TinyTask task = new(precision: MixedPrecision.Float16, scaler: new(Math.Pow(2, 40), interval: 3), callbacks: [new EachStep(steps.Add, updates.Add)]);
        task.Trainer.Fit(8);
        LossScalerState state = task.Trainer.LossScaler!.State;
        Assert.That(state.SkippedSteps, Is.GreaterThan(10), "2^40 is too much for a 16-bit gradient");
        Assert.That(task.Trainer.Step + state.SkippedSteps, Is.EqualTo(8 * TinyTask.StepsPerEpoch), "each batch is either a step or left out");
        Assert.That(steps, Is.EqualTo(Enumerable.Range(1, (int)task.Trainer.Step)), "callbacks see only the steps that were taken");
        Assert.That(updates, Is.EqualTo(steps.Select(step => step - 1)), "before and after");
        Assert.That(task.Model.Parameters().SelectMany(p => p.ToArray<float>()), Has.All.Matches<float>(float.IsFinite));
    }

    [TestCase(3), TestCase(11), TestCase(20)]
    public void A_training_that_was_interrupted_goes_on_with_the_scale_and_its_count_to_the_same_bits(int stop)
    {
        using TemporaryFolder folder = new();
        using TinyTask whole = Task(null), part = Task(folder.Path), resumed = Task(folder.Path);
        whole.Trainer.Fit(8);
        part.Trainer.Fit(8, maxSteps: stop);
        Assert.That(resumed.Trainer.Resume());
        Assert.That(resumed.Trainer.LossScaler!.State, Is.EqualTo(part.Trainer.LossScaler!.State));
        resumed.Trainer.Fit(8);
        Assert.That(resumed.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
        Assert.That(resumed.Trainer.LossScaler.State, Is.EqualTo(whole.Trainer.LossScaler!.State));

        static TinyTask Task(string? path) => new(path, every: 2, precision: MixedPrecision.Float16, scaler: new(Math.Pow(2, 40), interval: 3));
    }

    [Test]
    public void A_stop_is_heard_while_steps_are_left_out()
    {
        int batches = 0;
        TinyTask task = null!;
        using (task = new(scaler: new(), loss: (y, t) =>
        {
            if (++batches == 3) task.Trainer.Stop();
            return Loss.CrossEntropy(y, t) + (y * 0).Sqrt().Sum();      // a finite loss whose gradient is NaN
        }))
            Assert.That((task.Trainer.Fit(1), batches, task.Trainer.Step), Is.EqualTo((TrainingEnd.Stopped, 3, 0)));
    }

    [Test]
    public void Gradients_that_no_scale_makes_finite_end_the_training()
    {
        using TinyTask task = new(scaler: new(), loss: (y, t) => Loss.CrossEntropy(y, t) + (y * 0).Sqrt().Sum());
        Assert.That(() => task.Trainer.Fit(20), Throws.TypeOf<DivergenceException>().With.Message.Contains("even with a loss scale of"));
        Assert.That(task.Trainer.Step, Is.Zero);
    }

    [Test]
    public void Gradients_of_several_batches_are_scaled_once_and_clipped_at_their_true_norm()
    {
        using TinyTask plain = new(accumulate: 3), scaled = new(accumulate: 3, scaler: new(4096));
        plain.Trainer.Fit(2);
        scaled.Trainer.Fit(2);
        Assert.That(scaled.Fingerprint(), Is.EqualTo(plain.Fingerprint()));
    }

    [Test]
    public void A_checkpoint_without_a_scale_is_refused_by_a_trainer_that_needs_one()
    {
        using TemporaryFolder folder = new();
        using TinyTask plain = new(folder.Path), scaled = new(folder.Path, precision: MixedPrecision.Float16);
        plain.Trainer.Fit(1);
        Assert.That(() => scaled.Trainer.Resume(), Throws.TypeOf<CheckpointFormatException>().With.Message.Contains("scaler.scale"));
    }

    [Test]
    public void A_step_that_is_left_out_takes_the_look_ahead_back()
    {
        using Tensor x = Tensor.Parameter<double>([1], [1]);
        using Nesterov optimizer = new([x], 0.5, momentum: 0.5);
        LossScaler scaler = new(2);
        Step(1);
        double before = x.ToArray<double>()[0];
        Step(double.PositiveInfinity);
        Assert.That(x.ToArray<double>()[0], Is.EqualTo(before));
        Assert.That(() => Step(1), Throws.Nothing, "the parameters are not ahead already");
        Assert.That(scaler.State.SkippedSteps, Is.EqualTo(1));

        void Step(double slope)
        {
            optimizer.LookAhead();
            using (Tape tape = new()) tape.Backward(scaler.Scale((x * slope).Sum()));
            scaler.Step(optimizer, [x]);
            optimizer.ZeroGrad();
        }
    }

    private sealed class EachStep(Action<long> after, Action<long> before) : ITrainingCallback
    {
        public void Updating(Trainer trainer) => before(trainer.Step);
        public void StepEnded(Trainer trainer, double loss) => after(trainer.Step);
    }
}
