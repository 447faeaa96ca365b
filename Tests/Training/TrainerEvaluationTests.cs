using Gradwright.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Looking at a model without changing its training.</summary>
[InTensorScope]
public sealed class TrainerEvaluationTests
{
    [Test]
    public void A_test_set_is_measured_in_the_middle_of_a_training_without_a_trace([Values] bool average)
    {
        using TinyTask undisturbed = new(average: average), task = new(average: average, callbacks: [new AtStep(3, Measure), new AtStep(9, Measure)]);
        undisturbed.Trainer.Fit(2);
        task.Trainer.Fit(2);
        Assert.That(task.Fingerprint(), Is.EqualTo(undisturbed.Fingerprint()));

        static void Measure(Trainer trainer)
        {
            IReadOnlyDictionary<string, double> values = trainer.Evaluate(trainer.Validation!);
            MeanLoss loss = new(trainer.LossFunction);
            Accuracy accuracy = new();
            using (trainer.Average is null ? default : trainer.Average.Swap()) Trainer.Evaluate(trainer.Model, trainer.Validation!, loss, accuracy);
            Assert.That(values, Is.EquivalentTo(new Dictionary<string, double> { ["loss"] = loss.Value, ["accuracy"] = accuracy.Value }));
            Assert.That(trainer.Model.IsTraining);
        }
    }

    [Test]
    public void Predictions_come_in_the_order_of_the_samples()
    {
        using TinyTask task = new();
        task.Model.Train();
        using DataLoader ragged = new(task.Data.Dataset, 8), whole = new(task.Data.Dataset, TinyTask.Samples);
        Tensor predictions = Trainer.Predict(task.Model, ragged), once = Trainer.Predict(task.Model, whole);
        Assert.That(predictions.Shape.Span.ToArray(), Is.EqualTo(new long[] { TinyTask.Samples, 2 }));
        Assert.That(predictions.ToArray<float>(), Is.EqualTo(once.ToArray<float>()).Within(1e-6f));
        Assert.That(task.Model.IsTraining, "the mode is restored");
    }

    [Test]
    public void A_trainer_tells_what_it_is_set_to()
    {
        using TinyTask task = new(accumulate: 2, capture: true, average: true, precision: MixedPrecision.BFloat16);
        task.Trainer.Fit(1);
        string[] lines = task.Trainer.ToString().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(7));
        Assert.That(lines[1], Does.EndWith("Sequential, 114 parameters"));
        Assert.That(lines[2], Does.Contain("AdamW("));
        Assert.That(lines[3], Does.EndWith("50 samples, 7 batches of 8 per epoch; 50 to validate"));
        Assert.That(lines[4], Does.EndWith("loss, accuracy"));
        Assert.That(lines[5], Does.Contain("norm of 1; 2 batches per step; BFloat16; WeightAverage.Exponential").And.EndWith("captured steps"));
        Assert.That(lines[6], Does.EndWith("1 epochs, 4 steps"));
    }
}
