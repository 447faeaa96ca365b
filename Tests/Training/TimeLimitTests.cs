using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

public sealed class TimeLimitTests
{
    [Test]
    public void A_training_ends_after_the_step_in_which_the_time_is_over_and_goes_on_to_the_same_bits()
    {
        using TemporaryFolder folder = new();
        using TinyTask whole = new();
        whole.Trainer.Fit(3);
        Clock clock = new();
        using (TinyTask cut = new(folder.Path, callbacks: [clock], clock: clock))
        {
            Assert.That(cut.Trainer.Fit(3, maxTime: TimeSpan.FromSeconds(9)), Is.EqualTo(TrainingEnd.TimeLimit));
            Assert.That(cut.Trainer.Step, Is.EqualTo(9), "a second a step");
        }

        using TinyTask resumed = new(folder.Path, callbacks: [clock], clock: clock);
        Assert.That(resumed.Trainer.Resume());
        Assert.That(resumed.Trainer.Fit(3, maxTime: TimeSpan.FromSeconds(4)), Is.EqualTo(TrainingEnd.TimeLimit));
        Assert.That(resumed.Trainer.Step, Is.EqualTo(13), "each call has its own time");
        Assert.That(resumed.Trainer.Fit(3, maxTime: TimeSpan.FromSeconds(100)), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(resumed.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
        Assert.That(() => resumed.Trainer.Fit(4, maxTime: TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Goes on by a second with each step.</summary>
    private sealed class Clock : TimeProvider, ITrainingCallback
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds;

        public void StepEnded(Trainer trainer, double loss) => _seconds++;
    }
}
