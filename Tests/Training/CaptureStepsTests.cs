using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>A trainer that repeats its steps trains to the bits of one that runs them.</summary>
public sealed class CaptureStepsTests
{
    private const int Epochs = 4;

    [TestCase("plain"), TestCase("accumulation"), TestCase("bfloat16"), TestCase("float16, overflowing"), TestCase("mixup"), TestCase("average"), TestCase("distillation")]
    public void Captured_steps_train_to_the_same_bits(string settings)
    {
        (string usual, string? usualAverage, _) = Train(capture: false);
        (string captured, string? average, long repetitions) = Train(capture: true);
        Assert.That(captured, Is.EqualTo(usual));
        Assert.That(average, Is.EqualTo(usualAverage));
        // 28 batches: each kind (whole, the smaller last one, and with accumulation those that add to gradients) is run and recorded once.
        Assert.That(repetitions, Is.InRange(18, 24));

        (string, string?, long) Train(bool capture)
        {
            long repetitions = 0;
            using Sequential teacher = new(new Linear(2, 4), new Dropout(0.5), new Linear(4, 2));
            teacher.Initialize(new Generator(9));
            using TinyTask task = new(capture: capture, accumulate: settings == "accumulation" ? 3 : 1, average: settings == "average", mixup: settings == "mixup" ? new(classes: 2) : null,
                precision: settings == "bfloat16" ? MixedPrecision.BFloat16 : settings.StartsWith("float16", StringComparison.Ordinal) ? MixedPrecision.Float16 : MixedPrecision.Off,
                scaler: settings.StartsWith("float16", StringComparison.Ordinal) ? new(1e9, interval: 3) : null,
                distillation: settings == "distillation" ? new(teacher) : null, callbacks: [new AtEpochEnd(t => repetitions = t.Repetitions)]);
            task.Trainer.Fit(Epochs);
            Assert.That(task.Trainer.CaptureRefusal, Is.Null);
            string? average = task.Average is null ? null : string.Join(' ', task.Average.Averages.SelectMany(a => a.ToArray<float>()).Select(BitConverter.SingleToUInt32Bits));
            return ($"{task.Fingerprint()}\n{task.Trainer.LossScaler?.State}", average, repetitions);
        }
    }

    [Test]
    public void A_captured_run_that_was_killed_ends_with_the_same_bits([Values(5, 12)] int crash)
    {
        using TemporaryFolder folder = new();
        using TinyTask whole = new();
        whole.Trainer.Fit(Epochs);
        using (TinyTask killed = new(folder.Path, every: 4, capture: true, callbacks: [new AtStep(crash, t => t.Stop())])) killed.Trainer.Fit(Epochs);
        using TinyTask resumed = new(folder.Path, every: 4, capture: true);
        Assert.That(resumed.Trainer.Resume());
        resumed.Trainer.Fit(Epochs);
        Assert.That(resumed.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
    }

    [Test]
    public void A_step_that_cannot_be_repeated_runs_as_usual_and_the_progress_says_why_once()
    {
        using StringWriter output = new();
        using TinyTask usual = new(loss: Reading), captured = new(loss: Reading, capture: true, callbacks: [new ConsoleProgress(output)]);
        usual.Trainer.Fit(Epochs);
        captured.Trainer.Fit(Epochs);
        Assert.That(captured.Fingerprint(), Is.EqualTo(usual.Fingerprint()), "the step that was to be recorded has run like the others");
        Assert.That(captured.Trainer.CaptureRefusal, Does.Contain("reads"));
        Assert.That(output.ToString().Split("without being captured. A captured step reads"), Has.Length.EqualTo(2), "one line");

        static Tensor Reading(Tensor y, Tensor t) => Loss.CrossEntropy(y, t) * (1 + Math.Abs(y.Mean().ToDouble()));
    }

    [Test]
    public void Who_listens_to_a_module_sees_every_step()
    {
        using TinyTask usual = new();
        usual.Trainer.Fit(Epochs);
        int seen = 0;
        long before = 0, during = 0, after = 0;
        TinyTask task = null!;
        ITrainingCallback[] callbacks = [new AtStep(6, _ => Listen(true)), new AtStep(13, _ => Listen(false)), new AtStep(5, t => before = t.Repetitions), new AtStep(12, t => during = t.Repetitions), new AtStep(27, t => after = t.Repetitions)];
        using (task = new(capture: true, validate: false, callbacks: callbacks))
        {
            task.Trainer.Fit(Epochs);
            Assert.That(seen, Is.EqualTo(7));
            Assert.That((before, during), Is.EqualTo((3, 4)), "nothing is repeated while somebody listens");
            Assert.That(after, Is.GreaterThan(12), "and then again");
            Assert.That(task.Trainer.CaptureRefusal, Is.Null);
        }

        void Listen(bool on)
        {
            Linear first = (Linear)task.Model[0];
            if (on) first.Forwarded += See;
            else first.Forwarded -= See;
        }

        void See(Module module, object? input, object? output)
        {
            seen++;
            _ = ((Tensor)output!).ToArray<float>();     // listeners may read
        }
    }

    [Test]
    public void Captured_steps_leave_no_memory_behind()
    {
        using TinyTask task = new(capture: true);
        task.Trainer.Fit(1, maxSteps: 1);
        long live = CpuAccelerator.Instance.Pool.Statistics.LiveBytes;
        task.Trainer.Fit(3);
        Assert.That(CpuAccelerator.Instance.Pool.Statistics.LiveBytes, Is.EqualTo(live));
    }

    private sealed class AtEpochEnd(Action<Trainer> action) : ITrainingCallback
    {
        public void EpochEnded(Trainer trainer, EpochRecord epoch) => action(trainer);
    }
}
