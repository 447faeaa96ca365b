using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training.Examinations;

[InTensorScope]
public sealed class DoctorTests
{
    private const int Samples = 96, Features = 6, Classes = 4;

    private static readonly Func<Tensor, Tensor, Tensor> _crossEntropy = (y, t) => Loss.CrossEntropy(y, t);

    [Test]
    public void Examination_leaves_every_bit_as_it_was()
    {
        using TinyTask task = new();
        task.Trainer.Fit(epochs: 2);
        task.Model[3].Eval();
        task.Model[4].Freeze();
        Tensor assigned = Tensor.Full(task.Model.Parameters()[0].Shape, 0.25);
        foreach (Batch batch in task.Data)
        {
            using (Tape tape = new()) tape.Backward(Loss.CrossEntropy(task.Model.Forward(batch.Input), batch.Target));
            break;
        }

        task.Model.Parameters()[0].Grad = assigned;
        string before = Everything();
        Diagnosis diagnosis = Doctor.Examine(task.Trainer);
        Assert.That(diagnosis["steps to learn twenty samples"], Is.GreaterThan(0), "it did train");
        Assert.That(Everything(), Is.EqualTo(before));
        Assert.That(task.Model.Parameters()[0].Grad, Is.SameAs(assigned));

        string Everything() => string.Join('\n',
        [
            task.Fingerprint(), $"{task.Validation!.State}", .. task.Model.Select(module => $"{module.IsTraining}"),
            .. task.Model.NamedParameters().Select(p
            => $"{p.Name} {p.Parameter.IsFrozen} {p.Parameter.Buffer.Version} {(p.Parameter.Grad is { } g ? string.Join(' ', g.ToArray<float>().Select(BitConverter.SingleToUInt32Bits)) : "none")}"),
        ]);
    }

    [Test]
    public void A_loss_that_throws_in_the_middle_leaves_every_bit_as_it_was()
    {
        using TinyTask task = new();
        task.Trainer.Fit(epochs: 1);
        string before = task.Fingerprint();
        int calls = 0;
        Assert.That(() => Doctor.Examine(task.Model, (y, t) => ++calls == 500 ? throw new NotSupportedException("enough") : Loss.CrossEntropy(y, t), task.Data,
            new() { Optimizer = task.Optimizer }),
            Throws.TypeOf<NotSupportedException>());
        Assert.That(task.Fingerprint(), Is.EqualTo(before));
    }

    [Test]
    public void The_same_seed_gives_the_same_report()
    {
        using TinyTask task = new();
        Assert.That($"{Doctor.Examine(task.Trainer, new() { Seed = 4 })}", Is.EqualTo($"{Doctor.Examine(task.Trainer, new() { Seed = 4 })}"));
    }

    [Test]
    public void A_report_names_place_numbers_and_advice()
    {
        Diagnosis diagnosis = Examine(new Sequential(new Mlp(Features, 16, Classes), new Softmax()));
        Assert.That($"{diagnosis}", Does.StartWith("Sequential: 1 thing is wrong.").And.Contain("FAULT    Softmax twice (the model's output)").And.Contain("evidence: smallest output").And.Contain("advice: Remove the softmax"));
        Assert.That(diagnosis.Of(FindingKind.SoftmaxTwice)!["least possible loss"], Is.EqualTo(Math.Log(1 + 3 / Math.E)));
        Assert.That(() => diagnosis.Findings[0]["colour"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("smallest output"));
        string[] advice = [.. Enum.GetValues<FindingKind>().Select(kind => new Finding(kind, FindingSeverity.Note, "", "", []).Advice)];
        Assert.That(advice, Is.All.Not.Empty);
        Assert.That(advice, Is.Unique);
    }

    [Test]
    public void The_first_loss_is_compared_with_that_of_a_model_that_knows_nothing()
    {
        DoctorOptions first = new() { Checks = DoctorChecks.InitialLoss };
        Assert.That(Examine(new Mlp(Features, 16, Classes), options: first)["expected"], Is.EqualTo(Math.Log(Classes)).Within(1e-6));
        Assert.That(Examine(new Mlp(Features, 16, Classes), (y, t) => Loss.MulticlassHinge(y, t), options: first)["expected"], Is.EqualTo(Classes - 1).Within(1e-6));
        Assert.That(Examine(new Mlp(Features, 16, Classes), (y, t)
            => Loss.CrossEntropy(y, t, labelSmoothing: 0.1), options: first)["expected"], Is.EqualTo(Math.Log(Classes)).Within(1e-6));
        Diagnosis loud = Examine(new Sequential(new Mlp(Features, 16, Classes), new Lambda(y => 60 * y)), options: first);
        Assert.That(loud.Of(FindingKind.InitialLoss)!["loss"], Is.GreaterThan(1.5 * Math.Log(Classes)));
        Assert.That(loud.Of(FindingKind.InitialLoss)!["entropy of the targets"], Is.EqualTo(Math.Log(Classes)).Within(0.05));
        Assert.That(Examine(new Sequential(new Mlp(Features, 16, Classes), new Lambda(y => 60 * y)), options: first with { IsTrained = true }).Findings, Is.Empty);
        Assert.That(Examine(new Mlp(Features, 16, Classes), options: first with { ExpectedInitialLoss = 0.1 }).Has(FindingKind.InitialLoss));
    }

    [Test]
    public void A_penalty_has_to_raise_the_loss_and_not_to_outweigh_it()
    {
        Mlp model = new(Features, 16, Classes);
        DoctorOptions With(Func<Tensor> penalty) => new() { Checks = DoctorChecks.InitialLoss, Penalty = penalty };
        Diagnosis right = Examine(model, options: With(() => Regularizer.L2(model.Parameters(), 1e-3)), dispose: false);
        Assert.That(right.Findings, Is.Empty);
        Assert.That(right["penalty"], Is.GreaterThan(0));
        Assert.That(Examine(model, options: With(() => Tensor.Scalar(0.5)), dispose: false).Of(FindingKind.Regularisation)!.Severity, Is.EqualTo(FindingSeverity.Fault),
            "no gradient");
        Assert.That(Examine(model, options: With(()
            => -1 * Regularizer.L2(model.Parameters(), 1e-3)), dispose: false).Of(FindingKind.Regularisation)!.Severity, Is.EqualTo(FindingSeverity.Fault));
        Assert.That(Examine(model, options: With(() => Regularizer.L2(model.Parameters(), 100))).Of(FindingKind.Regularisation)!.Severity, Is.EqualTo(FindingSeverity.Warning));
    }

    [TestCase(float.NaN, FindingKind.NotFinite)]
    [TestCase(float.PositiveInfinity, FindingKind.NotFinite)]
    public void Numbers_that_are_not_finite_end_the_examination(float value, FindingKind kind)
    {
        float[] x = Inputs();
        x[77] = value;
        Diagnosis diagnosis = Examine(new Mlp(Features, 16, Classes), x: x);
        Assert.That(diagnosis.Findings.Select(finding => finding.Kind), Is.EqualTo(new[] { kind }));
        Assert.That(diagnosis.Findings[0]["not finite"], Is.EqualTo(1));
        Assert.That(diagnosis.Skipped, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_target_that_is_no_class_is_named_before_the_loss_refuses_it()
    {
        Finding finding = Examine(new Mlp(Features, 16, Classes - 1)).Findings.Single();
        Assert.That((finding.Kind, finding["largest"], finding["outputs"]), Is.EqualTo((FindingKind.TargetsOutOfRange, Classes - 1.0, Classes - 1.0)));
    }

    [Test]
    public void Data_of_odd_scales_are_named()
    {
        DoctorOptions data = new() { Checks = DoctorChecks.Data };
        Assert.That(Kinds(Examine(new Mlp(Features, 16, Classes), x: Array.ConvertAll(Inputs(), v
            => 100 + 50 * v), options: data)), Is.EqualTo(new[] { FindingKind.InputNotNormalised }));
        Assert.That(Kinds(Examine(new Mlp(Features, 16, Classes), x: Array.ConvertAll(Inputs(), v => 8 + v), options: data)), Is.EqualTo(new[] { FindingKind.InputNotNormalised }));
        Assert.That(Kinds(Examine(new Mlp(Features, 16, Classes), x: [.. Inputs().Select((v, i) => i % Features == 2 ? v * 1e-4f
            : v)], options: data)), Is.EqualTo(new[] { FindingKind.InputNotNormalised }));
        Assert.That(Kinds(Examine(new Mlp(Features, 16, Classes), t: [.. Enumerable.Range(0, Samples).Select(i => i % 32 == 0 ? 1L
            : 0)], options: data)), Is.EqualTo(new[] { FindingKind.ClassImbalance }));
        Assert.That(Kinds(Examine(new Mlp(Features, 16, Classes), options: data)), Is.Empty);
        using DataLoader prices = new(new ArrayDataset<float, float>(Inputs(), [Features], Inputs().Take(Samples).Select(v => 3e5f + 1e5f * v).ToArray(), [1]), 16, 1);
        using Mlp model = new(Features, 16, 1);
        Assert.That(Kinds(Doctor.Examine(model, (y, t) => Loss.MeanSquaredError(y, t), prices, data)), Is.EqualTo(new[] { FindingKind.TargetsNotNormalised }));
    }

    [Test]
    public void Data_in_the_order_of_their_classes_are_named()
    {
        using DataLoader sorted = new(new ArrayDataset<float, long>(Inputs(), [Features], Enumerable.Range(0, Samples).Select(i => (long)(i / (Samples / Classes))).ToArray(),
            []), 16);
        using Mlp model = new(Features, 16, Classes);
        Finding finding = Doctor.Examine(model, _crossEntropy, sorted, new() { Checks = DoctorChecks.Data }).Findings.Single();
        Assert.That(finding.Kind, Is.EqualTo(FindingKind.NotShuffled));
        Assert.That(finding["by chance"], Is.InRange(0.2, 0.3));
    }

    [Test]
    public void A_trainer_brings_its_optimizer_validation_and_history()
    {
        using TinyTask task = new(learningRate: 1e-7);
        Assert.That(Doctor.Examine(task.Trainer)["rate"], Is.EqualTo(1e-7).Within(1e-9), "before it is trained");
        task.Trainer.Fit(epochs: 6);
        Diagnosis diagnosis = Doctor.Examine(task.Trainer, new() { Checks = DoctorChecks.None });
        Assert.That(diagnosis.Findings.Single().Where, Is.EqualTo("the training loss"));
        Assert.That(diagnosis.Has(FindingKind.RateTooLow));
    }

    [Test]
    public void A_rate_is_judged_with_the_limit_of_the_gradients()
    {
        using DataLoader data = new(new ArrayDataset<float, float>(Inputs(), [Features], Inputs().Take(Samples).Select(v => 20 * v).ToArray(), [1]), 16, 1);
        using Mlp model = new(Features, 16, 1);
        using Sgd optimizer = new(model.Parameters(), 0.5);
        DoctorOptions rate = new() { Optimizer = optimizer, Checks = DoctorChecks.Rate };
        Assert.That(Doctor.Examine(model, (y, t) => Loss.MeanSquaredError(y, t), data, rate).Has(FindingKind.RateTooHigh));
        Assert.That(Doctor.Examine(model, (y, t) => Loss.MeanSquaredError(y, t), data, rate with { MaxGradientNorm = 1 }).Has(FindingKind.RateTooHigh), Is.False);
        Assert.That(() => new DoctorOptions { RateSteps = 2 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("RateSteps is 2, too few"));
    }

    [Test]
    public void Layers_that_cannot_work_are_named()
    {
        Assert.That(Fault(new Linear(Features, 24) { WeightInit = Init.Constant(0.1), BiasInit = Init.Zeros }, new Tanh(), new Linear(24, Classes) { WeightInit = Init.Constant(0.1), BiasInit = Init.Zeros }),
            Is.EqualTo((FindingKind.IdenticalUnits, "0.weight")));
        Assert.That(Fault(new Linear(Features, 24), new Lambda(x => x * 0), new Tanh(), new Linear(24, Classes)).Kind, Is.EqualTo(FindingKind.DeadLayer), "nothing comes through");
        Assert.That(Fault(new Lambda(x => x * 0), new Linear(Features, 24), new Tanh(), new Linear(24, Classes)).Kind, Is.EqualTo(FindingKind.DeadLayer), "nothing goes in");
        Assert.That(Fault(new Linear(Features, 24), new Lambda(x => x.Detach()), new Tanh(), new Linear(24, Classes)), Is.EqualTo((FindingKind.UnreachedParameter,
            "0.weight, 0.bias")));
        Assert.That(Fault(new Lambda(x => x * 0 + 1), new Linear(Features, 24), new Tanh(), new Linear(24, Classes)), Is.EqualTo((FindingKind.ConstantOutput,
            "the model's output")));
        Assert.That(Fault(new Linear(Features, 24) { WeightInit = Init.Normal(50) }, new Tanh(), new Linear(24, Classes)), Is.EqualTo((FindingKind.SaturatedUnits, "1: Tanh()")));
        Assert.That(Fault(new Linear(Features, 24) { WeightInit = Init.Normal(200) }, new Sigmoid(), new Linear(24, Classes)), Is.EqualTo((FindingKind.SaturatedUnits,
            "1: Sigmoid()")));
        Assert.That(Fault([.. Enumerable.Range(0, 9).SelectMany(i => new Module<Tensor, Tensor>[] { new Linear(i == 0 ? Features
            : 24, 24), new Sigmoid() }), new Linear(24, Classes)]), Is.EqualTo((FindingKind.VanishingGradients, "0.weight")));
        Assert.That(Fault([.. Enumerable.Range(0, 7).SelectMany(i => new Module<Tensor, Tensor>[] { new Linear(i == 0 ? Features
            : 24, 24) { WeightInit = Init.Normal(3) }, new ReLU() }), new Linear(24, Classes)]).Kind,
            Is.EqualTo(FindingKind.ExplodingGradients));
        Initializer mostlyDead = new("mostly dead", (shape, dtype, _) => Tensor.From([.. Enumerable.Range(0, 24).Select(i => i < 16 ? -100f : 0)], shape));
        Assert.That(Fault(new Linear(Features, 24) { BiasInit = mostlyDead }, new ReLU(), new Linear(24, Classes)), Is.EqualTo((FindingKind.DeadUnits, "1: ReLU()")));

        static (FindingKind Kind, string Where) Fault(params Module<Tensor, Tensor>[] layers)
        {
            Diagnosis diagnosis = Examine(new Sequential(layers), options: new() { Checks = DoctorChecks.Layers });
            Assert.That(diagnosis.Findings, Is.Not.Empty, string.Join(", ", layers.Select(layer => layer.ToString())));
            return (diagnosis.Findings[0].Kind, diagnosis.Findings[0].Where);
        }
    }

    [Test]
    public void A_last_layer_of_zeros_alone_is_no_fault()
    {
        Diagnosis diagnosis = Examine(new Sequential(new Linear(Features, 24), new Tanh(), new Linear(24, Classes) { WeightInit = Init.Zeros, BiasInit = Init.Zeros }), options: new() { Checks = DoctorChecks.Layers });
        Assert.That(diagnosis.Findings, Is.Empty);
    }

    [Test]
    public void A_second_sigmoid_is_named()
    {
        using DataLoader data = new(new ArrayDataset<float, float>(Inputs(), [Features], Inputs().Take(Samples).Select(v => v > 0 ? 1f : 0).ToArray(), [1]), 16, 1);
        using Sequential twice = new(new Linear(Features, 16), new Tanh(), new Linear(16, 1), new Sigmoid()), once = new(new Linear(Features, 16), new Tanh(), new Linear(16, 1));
        DoctorOptions layers = new() { Checks = DoctorChecks.Layers };
        Assert.That(Kinds(Doctor.Examine(twice, (y, t) => Loss.BinaryCrossEntropyWithLogits(y, t), data, layers)), Is.EqualTo(new[] { FindingKind.SigmoidTwice }));
        Assert.That(Kinds(Doctor.Examine(once, (y, t) => Loss.BinaryCrossEntropyWithLogits(y, t), data, layers)), Is.Empty);
        Assert.That(Kinds(Doctor.Examine(twice, (y, t) => Loss.BinaryCrossEntropy(y, t), data, layers)), Is.Empty);
    }

    [Test]
    public void A_wrong_gradient_of_the_loss_is_told_from_one_of_a_layer()
    {
        Finding finding = Examine(new Mlp(Features, 16, Classes), (y, t)
            => new Halved().Apply(Loss.CrossEntropy(y, t)), options: new() { Checks = DoctorChecks.Gradients }).Findings.Single();
        Assert.That((finding.Kind, finding.Where), Is.EqualTo((FindingKind.WrongGradient, "the loss")));
        Assert.That(finding["relative error"], Is.GreaterThan(0.01));
    }

    [Test]
    public void Hidden_randomness_is_noted_and_a_dropout_is_not()
    {
        Generator hidden = new(1);
        DoctorOptions gradients = new() { Checks = DoctorChecks.Gradients };
        Diagnosis diagnosis = Examine(new Sequential(new Linear(Features, 16), new Lambda(x => x.Dropout(0.5, hidden)), new Linear(16, Classes)), options: gradients);
        Assert.That(Kinds(diagnosis), Is.EqualTo(new[] { FindingKind.NotRepeatable }));
        Assert.That(diagnosis.IsHealthy, "it is a note");
        Assert.That(Examine(new Sequential(new Linear(Features, 16), new Dropout(), new Linear(16, Classes)), options: gradients).Findings, Is.Empty);
    }

    [Test]
    public void A_model_that_holds_single_precision_is_checked_in_it()
    {
        using Tensor scale = Tensor.From([1f, 2, 3, 4]);
        Diagnosis diagnosis = Examine(new Sequential(new Mlp(Features, 16, Classes), new Lambda(y => y * scale)), options: new() { Checks = DoctorChecks.Gradients });
        Assert.That((diagnosis.Findings.Count, diagnosis["bits of the gradient check"]), Is.EqualTo((0, 32)));
        Assert.That(Examine(new Mlp(Features, 16, Classes), options: new() { Checks = DoctorChecks.Gradients })["bits of the gradient check"], Is.EqualTo(64));
    }

    [Test]
    public void Twenty_samples_that_contradict_each_other_cannot_be_learnt()
    {
        float[] x = [.. Inputs().Select((_, i) => (float)(i % Features) + (i / Features % 2))];      // two different inputs, four classes
        Finding finding = Examine(new Mlp(Features, 16, Classes), x: x, options: new() { Checks = DoctorChecks.Overfit }).Findings.Single();
        Assert.That((finding.Kind, finding["samples"]), Is.EqualTo((FindingKind.CannotOverfit, 20)));
        Assert.That(finding["loss"], Is.GreaterThan(finding["least possible loss"] + 0.1));
    }

    [Test]
    public void A_model_that_infers_its_sizes_is_built_and_a_frozen_one_is_not_trained()
    {
        Assert.That(Examine(new Sequential(new Linear(16), new ReLU(), new Linear(Classes)), options: new() { Checks = DoctorChecks.Layers | DoctorChecks.Gradients }).IsHealthy);
        Mlp frozen = new(Features, 16, Classes);
        frozen.Freeze();
        Assert.That(Examine(frozen).Skipped, Has.One.Contains("no parameter is trained"));
    }

    private static Diagnosis Examine(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor>? loss = null, float[]? x = null, long[]? t = null, DoctorOptions? options = null, bool dispose = true)
    {
        using DataLoader data = new(new ArrayDataset<float, long>(x ?? Inputs(), [Features], t ?? [.. Enumerable.Range(0, Samples).Select(i => i / 2 % Classes)],
            []), 16, shuffleSeed: 1);
        try
        {
            return Doctor.Examine(model, loss ?? _crossEntropy, data, options);
        }
        finally
        {
            if (dispose) model.Dispose();
        }
    }

    private static FindingKind[] Kinds(Diagnosis diagnosis) => [.. diagnosis.Findings.Select(finding => finding.Kind)];

    // Each class around a corner of its own.
    private static float[] Inputs()
    {
        Generator random = new(7);
        return [.. Enumerable.Range(0, Samples * Features).Select(i => (float)(2 * random.NextDouble() - 1 + (i / Features / 2 % Classes == i % Features ? 1.5 : -0.25)))];
    }

    /// <summary>The identity with half a derivative.</summary>
    private sealed class Halved : CustomFunction
    {
        protected override Tensor Forward(Context c, ReadOnlySpan<Tensor> x) => x[0].Copy();
        protected override Tensor?[] Backward(Context c, Tensor g) => [g * 0.5];
    }
}
