using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>What the doctor makes of targets: of few, odd and unrelated ones, and of losses that it does not know.</summary>
[InTensorScope]
public sealed class DoctorTargetTests
{
    private const int Features = 6, Classes = 4;

    private static readonly DoctorOptions _labels = new() { Checks = DoctorChecks.Labels };

    [TestCase(64)]
    [TestCase(200)]
    [TestCase(600)]
    public void A_target_that_is_no_class_is_named_however_many_samples_there_are(int samples)
    {
        Generator random = new(3);
        long[] targets = [.. Enumerable.Range(0, samples).Select(_ => random.Next(Classes))];
        using DataLoader data = new(new ArrayDataset<float, long>(GeneratedData.Normal(random, samples * Features), [Features], targets, []), 16, 1);
        using Mlp model = new(Features, 16, Classes - 1);
        Finding finding = Doctor.Examine(model, (y, t) => Loss.CrossEntropy(y, t), data).Findings.Single();
        Assert.That((finding.Kind, finding["largest"], finding["outputs"]), Is.EqualTo((FindingKind.TargetsOutOfRange, Classes - 1.0, Classes - 1.0)));
        Assert.That(finding["samples outside"], Is.EqualTo(Math.Min(samples, new DoctorOptions().Samples) / (double)Classes).Within(0.2 * samples), "held back ones are counted");
    }

    [Test]
    public void A_sigmoid_before_any_loss_that_applies_one_is_named()
    {
        float[] x = GeneratedData.Normal(new(5), 96 * Features);
        using DataLoader data = new(new ArrayDataset<float, float>(x, [Features], Enumerable.Range(0, 96).Select(i => x[i * Features] > 0 ? 1f : 0).ToArray(), [1]), 16, 1);
        (string Name, Func<Tensor, Tensor, Tensor> Loss, bool AppliesSigmoid)[] losses =
        [
            ("cross-entropy", (y, t) => Loss.BinaryCrossEntropyWithLogits(y, t), true),
            ("focal", (y, t) => Loss.Focal(y, t), true),
            ("sharper focal", (y, t) => Loss.Focal(y, t, gamma: 4, alpha: null), true),
            ("error of a sigmoid", (y, t) => Loss.MeanSquaredError(y.Sigmoid(), t), true),
            ("Dice of a sigmoid", (y, t) => 1 - 2 * (y.Sigmoid() * t).Sum() / (y.Sigmoid() + t).Sum(), true),
            ("hinge, which wants scores as well", (y, t) => (1 - (2 * t - 1) * y).Maximum(0).Mean(), true),
            ("cross-entropy of probabilities", (y, t) => Loss.BinaryCrossEntropy(y, t), false),
            ("squared error", (y, t) => Loss.MeanSquaredError(y, t), false),
            ("absolute error", (y, t) => Loss.MeanAbsoluteError(y, t), false),
            ("Dice of probabilities", (y, t) => 1 - 2 * (y * t).Sum() / (y + t).Sum(), false),
        ];
        foreach ((string name, Func<Tensor, Tensor, Tensor> loss, bool appliesSigmoid) in losses)
        {
            using Sequential model = new(new Linear(Features, 16), new Tanh(), new Linear(16, 1), new Sigmoid(), new Lambda(y => y.Reshape(-1, 1)));
            Diagnosis diagnosis = Doctor.Examine(model, loss, data, new() { Checks = DoctorChecks.Layers });
            Assert.That(diagnosis.Has(FindingKind.SigmoidTwice), Is.EqualTo(appliesSigmoid), $"{name}: {diagnosis}");
        }
    }

    [Test]
    public void Nothing_is_said_about_targets_where_there_are_too_few_to_tell()
    {
        Generator random = new(9);
        foreach ((int samples, int features, bool isEnough) in new[] { (75, 60, false), (400, 10, true) })
        {
            long[] targets = [.. Enumerable.Range(0, samples).Select(_ => random.Next(Classes))];
            using DataLoader data = new(new ArrayDataset<float, long>(GeneratedData.Normal(random, samples * features), [features], targets, []), 16, 1);
            using Mlp model = new(features, 64, Classes);
            Diagnosis diagnosis = Doctor.Examine(model, (y, t) => Loss.CrossEntropy(y, t), data, _labels);
            Assert.That(diagnosis.Has(FindingKind.LabelsUnlearnable), Is.EqualTo(isEnough), $"{diagnosis}");
            if (!isEnough) Assert.That(diagnosis.Skipped, Has.One.Contains("takes more samples"));
        }
    }

    [Test]
    public void A_rate_is_not_judged_by_targets_that_cannot_be_learnt()
    {
        const int Samples = 400, Width = 10;
        Generator random = new(9);
        long[] targets = [.. Enumerable.Range(0, Samples).Select(_ => random.Next(Classes))];
        using DataLoader data = new(new ArrayDataset<float, long>(GeneratedData.Normal(random, Samples * Width), [Width], targets, []), 16, 1);
        using Mlp model = new(Width, 64, Classes);
        using Sgd optimizer = new(model.Parameters(), 30);
        Diagnosis diagnosis = Doctor.Examine(model, (y, t) => Loss.CrossEntropy(y, t), data, _labels with { Checks = DoctorChecks.Labels | DoctorChecks.Rate, Optimizer = optimizer });
        Assert.That(diagnosis.Findings.Select(finding => finding.Kind), Is.EqualTo([FindingKind.LabelsUnlearnable]), $"{diagnosis}");
        Assert.That(diagnosis.Skipped, Has.One.StartsWith("the rate"));
    }

    [Test]
    public void Targets_that_are_left_out_take_no_part()
    {
        const int Samples = 300, Length = 5;
        Generator random = new(13);
        long[] x = [.. Enumerable.Range(0, Samples * Length).Select(_ => random.Next(Classes))], next = [.. x.Select((token, i) => random.Next(3) == 0 ? -100 : (token + 1) % Classes)];
        foreach (bool shuffled in (bool[])[false, true])
        {
            using DataLoader data = new(new ArrayDataset<long, long>(x, [Length], GeneratedData.Mixed(next, Length, shuffled), [Length]), 16, 1);
            using Sequential model = new(new Embedding(Classes, 12), new Recurrent(new GRU(12, 24, batchFirst: true)), new Linear(24, Classes));
            Diagnosis diagnosis = Doctor.Examine(model, (y, t) => Loss.CrossEntropy(y.Reshape(-1, Classes), t.Reshape(-1), ignoreIndex: -100), data, _labels);
            Assert.That(diagnosis.Has(FindingKind.LabelsUnlearnable), Is.EqualTo(shuffled), $"{diagnosis}");
        }
    }

    [Test]
    public void Checks_that_would_begin_too_late_are_named_as_skipped()
    {
        using TinyTask task = new();
        Diagnosis none = Doctor.Examine(task.Trainer, new() { Budget = TimeSpan.Zero }), some = Doctor.Examine(task.Trainer, new() { Budget = TimeSpan.FromSeconds(2.5), Clock = new Ticking() }),
            all = Doctor.Examine(task.Trainer, new() { Budget = TimeSpan.FromHours(1) });
        string[] skipped = [.. none.Skipped.Select(line => line.Split(':')[0])];
        Assert.That(skipped, Is.EqualTo(new[] { "the first loss", "the layers", "gradients", "learning twenty samples by heart", "whether the targets can be learnt", "the rate" }));
        Assert.That(some.Skipped.Select(line => line.Split(':')[0]), Is.EqualTo(skipped[2..]), "two began within 2.5 s");
        Assert.That(some["initial loss"], Is.GreaterThan(0));
        Assert.That(all.Skipped.Where(line => line.Contains("are over")), Is.Empty);
        Assert.That(() => new DoctorOptions { Budget = TimeSpan.FromSeconds(-1) }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Budget"));
    }

    /// <summary>Goes on by a second whenever it is looked at.</summary>
    private sealed class Ticking : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds++;
    }
}
