using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

public sealed class ResumeTests
{
    private const int Epochs = 3;

    // Before the first checkpoint, between two, right after one, at the end of an epoch, right after it, in the last epoch.
    [TestCase(2), TestCase(6), TestCase(8), TestCase(14), TestCase(15), TestCase(20)]
    public void A_run_that_was_killed_ends_with_the_same_bits(int crash)
    {
        using TemporaryFolder folder = new();
        using TinyTask whole = new();
        whole.Trainer.Fit(Epochs);
        using (TinyTask killed = new(folder.Path, every: 4, callbacks: [new AtStep(crash, _ => throw new CrashException())]))
            Assert.That(() => killed.Trainer.Fit(Epochs), Throws.TypeOf<CrashException>());
        using TinyTask resumed = new(folder.Path, every: 4);
        Assert.That(resumed.Trainer.Resume(), Is.EqualTo(crash > 4));
        Assert.That(crash - resumed.Trainer.Step, Is.InRange(0, 4), "no more steps are repeated than lie between two checkpoints");
        Assert.That(resumed.Trainer.Fit(Epochs), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(resumed.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
    }

    [Test]
    public void A_run_may_be_interrupted_again_and_again()
    {
        using TemporaryFolder folder = new();
        using TinyTask whole = new();
        whole.Trainer.Fit(Epochs);
        for (int stop = 3; stop < 21; stop += 3)
        {
            using TinyTask part = new(folder.Path, callbacks: [new AtStep(stop, t => t.Stop())]);
            part.Trainer.Resume();
            Assert.That(part.Trainer.Fit(Epochs), Is.EqualTo(TrainingEnd.Stopped));
        }

        using TinyTask last = new(folder.Path);
        Assert.That(last.Trainer.Resume());
        Assert.That(last.Trainer.Step, Is.EqualTo(18));
        last.Trainer.Fit(Epochs);
        Assert.That(last.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
    }

    [Test]
    public void A_finished_run_stays_as_it_is()
    {
        using TemporaryFolder folder = new();
        using TinyTask first = new(folder.Path);
        first.Trainer.Fit(1);
        using TinyTask again = new(folder.Path);
        again.Trainer.Resume();
        Assert.That(again.Trainer.Fit(1), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(again.Fingerprint(), Is.EqualTo(first.Fingerprint()));
    }

    [Test]
    public void A_damaged_checkpoint_is_reported_and_the_one_before_is_used([Values] bool cutShort)
    {
        using TemporaryFolder folder = new();
        using TinyTask whole = new(folder.Path, every: 4);
        whole.Trainer.Fit(2, maxSteps: 10);
        byte[] bytes = File.ReadAllBytes(Last());
        if (cutShort) bytes = bytes[..(bytes.Length / 2)];
        else bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Last(), bytes);
        List<string> reports = [];
        using TinyTask resumed = new(folder.Path, every: 4, reports: reports);
        Assert.That(resumed.Trainer.Resume());
        Assert.That(resumed.Trainer.Step, Is.EqualTo(8));
        Assert.That(reports, Has.Some.Contains("step-000000010.checkpoint"));
        whole.Trainer.Fit(2);
        resumed.Trainer.Fit(2);
        Assert.That(resumed.Fingerprint(), Is.EqualTo(whole.Fingerprint()));

        string Last() => Path.Combine(folder.Path, "step-000000010.checkpoint");
    }

    [Test]
    public void A_checkpoint_of_a_run_with_other_settings_is_refused()
    {
        using TemporaryFolder folder = new();
        using (TinyTask first = new(folder.Path, settings: new() { ["rate"] = "0.1", ["size"] = "8" })) first.Trainer.Fit(1);
        using TinyTask other = new(folder.Path, settings: new() { ["rate"] = "0.2", ["size"] = "8" });
        string before = other.Fingerprint();
        Assert.That(() => other.Trainer.Resume(), Throws.InvalidOperationException.With.Message.Contains("rate was 0.1 and is 0.2").And.Message.Not.Contains("size"));
        Assert.That(other.Fingerprint(), Is.EqualTo(before));
    }

    [Test]
    public void A_checkpoint_of_something_else_is_refused()
    {
        using TemporaryFolder folder = new();
        new CheckpointFolder(folder.Path).Save(1, new Checkpoint());
        using TinyTask task = new(folder.Path);
        string before = task.Fingerprint();
        Assert.That(() => task.Trainer.Resume(), Throws.TypeOf<CheckpointFormatException>().With.Message.Contains("step-000000001.checkpoint"));
        Assert.That(task.Fingerprint(), Is.EqualTo(before));
    }

    private sealed class CrashException : Exception;
}
