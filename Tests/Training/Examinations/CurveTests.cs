using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training.Examinations;

public sealed class CurveTests
{
    private const int Epochs = 12;

    [Test]
    public void Good_curves_raise_no_alarm()
    {
        Assert.That(Kinds(e => 2.3 * Math.Exp(-0.4 * e) + 0.05, e => 2.3 * Math.Exp(-0.35 * e) + 0.15), Is.Empty, "an exponential fall");
        Assert.That(Kinds(e => 2.3 * Math.Exp(-0.4 * e) + 0.1 * Math.Cos(9 * e) * Math.Exp(-0.2 * e) + 0.15), Is.Empty, "with some noise");
        Assert.That(Kinds(e => e < 7 ? 0.8 + 1.5 * Math.Exp(-e) : 0.3, rates: e => e < 7 ? 0.1 : 0.01), Is.Empty, "a step at a plateau");
        Assert.That(Kinds(e => 2 * Math.Exp(-0.3 * e) + 0.1, rates: e => 0.05 * (1 + Math.Cos(Math.PI * e / Epochs))), Is.Empty, "a cosine");
        Assert.That(Kinds(e => 2.3 - e, epochs: 3), Is.Empty, "too short to be judged");
    }

    [Test]
    public void A_rate_that_is_too_high_is_read_from_swings_spikes_and_numbers_that_are_not_finite()
    {
        Assert.That(Kinds(e => 2 + Math.Cos(3 * e)), Is.EqualTo(new[] { FindingKind.RateTooHigh }));
        Assert.That(Kinds(e => e < 5 ? 2 + e : double.NaN), Is.EqualTo(new[] { FindingKind.RateTooHigh }));
        double[] steps = [.. Enumerable.Range(0, 200).Select(i => i % 20 == 19 ? 8 : 2 * Math.Exp(-0.01 * i))];
        Assert.That(Kinds(e => 2 * Math.Exp(-0.4 * e), steps: steps), Is.EqualTo(new[] { FindingKind.RateTooHigh }));
        Assert.That(Kinds(e => 2 * Math.Exp(-0.4 * e), steps: [.. steps.Select((_, i) => (2 + Math.Cos(i)) * Math.Exp(-0.01 * i))]), Is.Empty);
    }

    [Test]
    public void A_rate_that_is_too_low_is_read_from_a_line_that_is_straight_or_level()
    {
        Assert.That(Kinds(e => 2.3 - 0.05 * e), Is.EqualTo(new[] { FindingKind.RateTooLow }));
        Assert.That(Kinds(e => 2.3 - 0.0005 * e), Is.EqualTo(new[] { FindingKind.RateTooLow }));
    }

    [Test]
    public void A_rate_that_fell_too_early_is_named_with_its_epoch()
    {
        Finding finding = Read(e => e < 3 ? 2.3 - 0.4 * e : 1.45 - 0.002 * e, rates: e => e < 3 ? 0.1 : 0.001).Findings.Single();
        Assert.That((finding.Kind, finding.Where, finding["rate after"]), Is.EqualTo((FindingKind.DecayedTooEarly, "epoch 4", 0.001)));
    }

    [Test]
    public void Over_and_underfitting_are_told_apart()
    {
        Finding finding = Read(e => 2 * Math.Exp(-0.5 * e), e => 1 + 0.05 * (e - 3) * (e - 3)).Findings.Single();
        Assert.That((finding.Kind, finding["best"]), Is.EqualTo((FindingKind.Overfitting, 1.0)));
        Assert.That(Kinds(e => 1.9 + 0.4 * Math.Exp(-2 * e), e => 1.9 + 0.4 * Math.Exp(-2 * e)), Is.EqualTo(new[] { FindingKind.Underfitting }));
    }

    [Test]
    public void Curves_of_different_lengths_are_refused()
        => Assert.That(() => Doctor.Read([1, 2, 3], rates: [0.1]), Throws.ArgumentException.With.Message.Contains("3 training losses, but 1 rates"));

    [TestCase(Fault.None, null)]
    [TestCase(Fault.RateTimes100, FindingKind.RateTooHigh)]
    [TestCase(Fault.RateOver1000, FindingKind.RateTooLow)]
    public void Curves_of_real_trainings_are_read(Fault fault, FindingKind? expected)
    {
        foreach (string name in Ward.Unseen)
        {
            StepLosses steps = new();
            using TensorScope scope = new();
            using PlantedTask task = Ward.Set.Create(name, fault);
            Trainer trainer = new(task.Model, task.LossFunction, task.Optimizer, task.Data) { Callbacks = [steps] };
            trainer.Fit(epochs: 8);
            Diagnosis diagnosis = Doctor.Read(trainer.History, steps.Values);
            FindingKind[] alarms = [.. diagnosis.Findings.Where(finding => finding.Severity > FindingSeverity.Note).Select(finding => finding.Kind)];
            Assert.That(alarms, Is.EqualTo(expected is { } kind ? new[] { kind } : []), $"{name}: {diagnosis}\n{string.Join(' ', trainer.History.Training("loss"))}");
        }
    }

    [Test]
    public void Losses_of_single_steps_are_remembered()
    {
        StepLosses steps = new();
        using TinyTask task = new(callbacks: [steps]);
        task.Trainer.Fit(epochs: 2);
        Assert.That(steps.Values, Has.Count.EqualTo(2 * TinyTask.StepsPerEpoch).And.All.GreaterThan(0));
        Assert.That(Doctor.Read(task.Trainer.History, steps.Values).IsHealthy);
    }

    private static FindingKind[] Kinds(Func<int, double> training, Func<int, double>? validation = null, Func<int, double>? rates = null, IReadOnlyList<double>? steps = null, int epochs = Epochs)
        => [.. Read(training, validation, rates, steps, epochs).Findings.Select(finding => finding.Kind)];

    private static Diagnosis Read(Func<int, double> training, Func<int, double>? validation = null, Func<int, double>? rates = null, IReadOnlyList<double>? steps = null, int epochs = Epochs)
    {
        double[] Curve(Func<int, double> value) => [.. Enumerable.Range(0, epochs).Select(value)];
        return Doctor.Read(Curve(training), validation is null ? null : Curve(validation), rates is null ? null : Curve(rates), steps);
    }
}
