using System.Net;
using System.Text.RegularExpressions;
using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>What a report holds, that an interruption leaves no trace in it, and that looking changes nothing.</summary>
public sealed partial class HtmlReportTests
{
    private const int Epochs = 3;

    // Before the first checkpoint, between two, at the end of an epoch, after it; and when the last step of an epoch has been saved, but the epoch not.
    [TestCase(1), TestCase(4), TestCase(6), TestCase(7), TestCase(9, true)]
    public void A_killed_and_resumed_training_has_the_report_of_a_whole_one(int crash, bool isAfterCheckpoint = false)
    {
        using TemporaryFolder folder = new();
        string whole = Run(folder["whole"]);
        ITrainingCallback crashing = isAfterCheckpoint ? new CrashAtCheckpoint(crash) : new AtStep(crash, _ => throw new CrashException());
        Assert.That(() => Run(folder["killed"], crashing), Throws.TypeOf<CrashException>());
        Assert.That(Run(folder["killed"]), Is.EqualTo(whole));
        Assert.That(Run(folder["killed"]), Is.EqualTo(whole), "a finished run adds nothing");
    }

    [Test]
    public void A_training_with_a_report_ends_with_the_same_bits()
    {
        using HtmlReport report = new() { MeasureEvery = 1 };
        using TinyTask plain = new(), watched = new(callbacks: [report]);
        plain.Trainer.Fit(Epochs);
        watched.Trainer.Fit(Epochs);
        Assert.That(watched.Fingerprint(), Is.EqualTo(plain.Fingerprint()));
        Assert.That(watched.Model.IsTraining);
    }

    [Test]
    public void Curves_hold_every_step_and_epoch()
    {
        TrainingReport report = Train(out PictureTask task);
        using (task)
        {
            Assert.That(report.Status, Is.EqualTo(ReportStatus.Finished));
            Assert.That((report.Step, report.Steps), Is.EqualTo((Epochs * PictureTask.StepsPerEpoch, Epochs * PictureTask.StepsPerEpoch)));
            Assert.That(report.Loss.Steps, Is.EqualTo(Enumerable.Range(1, Epochs * PictureTask.StepsPerEpoch)));
            Assert.That(report.LearningRate.Values, Is.All.EqualTo(0.01));
            Assert.That(report.History, Is.EqualTo(task.Trainer.History.Epochs));
            Assert.That(report.UpdateRatios.Select(curve => curve.Name), Is.EqualTo(new[] { "0.weight", "4.weight", "6.weight" }));
        }
    }

    [Test]
    public void Gradients_and_updates_are_those_of_the_step()
    {
        (float[] Before, float[] After) weight = ([], []);
        double norm = 0;
        Looking looking = new(
            t => (weight.Before, norm) = (t.Model.Parameters()[0].ToArray<float>(), Math.Sqrt(t.Model.Parameters().Sum(p => p.Grad!.ToArray<float>().Sum(g => (double)g * g)))),
            t => weight.After = t.Model.Parameters()[0].ToArray<float>());
        using HtmlReport report = new() { MeasureEvery = 2 };
        using PictureTask task = new(looking, report);
        task.Trainer.Fit(1, maxSteps: 2);
        TrainingReport current = report.Current!;
        double moved = Math.Sqrt(weight.After.Zip(weight.Before, (a, b) => Math.Pow(a - b, 2)).Sum()), size = Math.Sqrt(weight.Before.Sum(w => Math.Pow(w, 2)));
        Assert.That(current.GradientNorm.Steps, Is.EqualTo(new[] { 2 }));
        Assert.That(current.GradientNorm.Values[0], Is.EqualTo(norm).Within(1e-5 * norm));
        Assert.That(current.UpdateRatios[0].Values[0], Is.EqualTo(moved / size).Within(1e-5 * moved / size));
        Assert.That(current.Status, Is.EqualTo(ReportStatus.Stopped));
    }

    [Test]
    public void The_worst_predictions_come_first_and_the_matrix_counts_every_sample()
    {
        TrainingReport report = Train(out PictureTask task, shown: 7);
        using (task)
        {
            EpochView view = report.View!;
            Recall recall = new(PictureTask.Classes);
            Trainer.Evaluate(task.Model, task.Trainer.Validation!, recall);
            Assert.That(view.Confusion!.Counts, Is.EqualTo(recall.State));
            Assert.That(view.Samples, Has.Count.EqualTo(7));
            Assert.That(view.Samples.Select(sample => sample.TargetProbability), Is.Ordered);
            Assert.That(view.Samples.All(sample => sample.Probability >= sample.TargetProbability && (sample.Target == sample.Prediction) == (sample.Probability == sample.TargetProbability)));
            Picture picture = PngFile.Read(view.Samples[0].Picture!.Png, "sample");
            Assert.That((picture.Width, picture.Height, picture.Pixels.Min(), picture.Pixels.Max()), Is.EqualTo((28, 28, 0, 255)));
        }
    }

    [Test]
    public void Dead_units_and_saturated_results_are_counted()
    {
        using HtmlReport report = new();
        using PictureTask task = new(null, 1e-9, report);
        (Conv2D convolution, Linear linear) = ((Conv2D)task.Model[0], (Linear)task.Model[4]);
        convolution.Bias!.CopyFrom([-100f, 100, -100, 100]);
        linear.Bias!.CopyFrom(Enumerable.Repeat(1e6f, 16).ToArray());
        task.Trainer.Fit(1);
        ILookup<string, ActivationView> layers = report.Current!.View!.Activations.ToLookup(layer => layer.Layer);
        Assert.That((layers["ReLU()"].Single().Dead, layers["ReLU()"].Single().Units, layers["ReLU()"].Single().Zeros), Is.EqualTo((2, 4, 0.5)));
        Assert.That(layers["Tanh()"].Single().Saturated, Is.EqualTo(1));
        Assert.That(layers["Flatten()"].Concat(layers["Dropout(0.1)"]), Is.Empty, "they have no results of their own");
    }

    [Test]
    public void Rectifiers_inside_a_block_are_seen()
    {
        using HtmlReport report = new();
        using TinyTask task = new(callbacks: [report], layer: new Residual(new RectifiedTwice()));
        task.Trainer.Fit(1);
        ActivationView[] views = [.. report.Current!.View!.Activations];
        Assert.That(views.Select(view => (view.Name, view.Layer)), Is.SupersetOf(new[] { ("2.body: ReLU 1", "in RectifiedTwice"), ("2.body: ReLU 2", "in RectifiedTwice") }));
        Assert.That(views.Single(view => view.Name == "2.body: ReLU 2") is { Dead: 5, Units: 5, Zeros: 1 }, "minus a rectifier's result is never positive");
        Assert.That(views.Single(view => view.Name == "2.body: ReLU 1").Dead, Is.Zero);
    }

    [Test]
    public void What_the_network_looks_at_is_shown_at_the_end_where_it_is_asked_for()
    {
        List<IReadOnlyList<SaliencyView>> before = [];
        using HtmlReport report = new() { Saliency = true };
        using PictureTask task = new(report, new AtStep(4, _ => before.Add(report.Current!.Saliency))), plain = new();
        task.Trainer.Fit(2);
        plain.Trainer.Fit(2);
        Assert.That(before.Single(), Is.Empty, "only at the end");
        IReadOnlyList<SaliencyView> views = report.Current!.Saliency;
        long[] targets = [.. views.Select(view => view.Target)];
        Assert.That(targets, Has.Length.EqualTo(8));
        Assert.That(targets, Is.EqualTo(targets.Distinct().Order()), "one sample of each class");
        Assert.That(views.SelectMany(view => view.Maps).Select(map => (map.Picture.Width, map.Picture.Height)), Has.All.EqualTo((28, 28)));
        Assert.That(views.SelectMany(view => view.Maps).Select(map => Convert.ToBase64String(map.Picture.Png)), Is.Unique);
        Assert.That(task.Model.Parameters().Select(parameter => parameter.ToArray<float>()), Is.EqualTo(plain.Model.Parameters().Select(parameter => parameter.ToArray<float>())), "looking changes nothing");
        Assert.That((task.Model.IsTraining, task.Trainer.Data.State, task.Trainer.Validation!.State), Is.EqualTo((true, plain.Trainer.Data.State, plain.Trainer.Validation!.State)));
    }

    [Test]
    public void Without_pictures_or_a_training_that_ended_well_there_is_no_such_section()
    {
        List<string> told = [];
        using HtmlReport report = new(tell: told.Add) { Saliency = true }, failed = new() { Saliency = true };
        using TinyTask points = new(callbacks: [report]);
        points.Trainer.Fit(1);
        Assert.That((report.Current!.Saliency.Count, told.Count), Is.EqualTo((0, 0)), "points are no pictures");
        Assert.That(report.Current.ToHtml(), Does.Not.Contain("What the network looks at"));
        using PictureTask task = new(failed, new AtStep(2, _ => throw new CrashException()));
        Assert.That(() => task.Trainer.Fit(1), Throws.TypeOf<CrashException>());
        Assert.That(failed.Current!.Saliency, Is.Empty);
    }

    [Test]
    public void A_model_that_does_not_run_on_one_input_has_no_table_of_layers()
    {
        List<string> told = [];
        using HtmlReport report = new(tell: told.Add);
        using TinyTask task = new(callbacks: [report], validate: false, samples: 16, layer: new Lambda(x => x.Reshape(-1, 2, 16).Reshape(-1, 16), "pairs"));
        Assert.That(task.Trainer.Fit(1), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(told.Single(), Does.Contain("does not run on one input of zeros"));
        Assert.That((report.Current!.Layers, report.Current.View!.Activations.Count), Is.EqualTo((Array.Empty<LayerSummary>(), 3)));
    }

    [Test]
    public void Inputs_are_drawn_as_one_likes()
    {
        using HtmlReport report = new() { Draw = input => new(2, 1, 1, [(byte)(input.Rank == 1 ? input.Count : 0), 7]), Shown = 3 };
        using TinyTask task = new(callbacks: [report]);
        task.Trainer.Fit(1);
        Assert.That(report.Current!.View!.Samples.Select(sample => PngFile.Read(sample.Picture!.Png, "sample").Pixels), Has.Exactly(3).EqualTo(new byte[] { 2, 7 }));
    }

    [Test]
    public void Names_are_text_and_never_markup()
    {
        using TemporaryFolder folder = new();
        string[] classes = [.. Enumerable.Range(0, 10).Select(i => $"<b onclick='a&b'>\"{i}\u0001")];
        using HtmlReport report = new(folder["r.html"]) { Title = "</title><script>alert(1)</script>", Classes = classes, CommandLine = "train --name <i>" };
        using PictureTask task = new(report);
        task.Trainer.Fit(1);
        string page = File.ReadAllText(report.Path!);
        Assert.That(page, Does.Not.Contain("<script").And.Not.Contain("<b onclick").And.Not.Contain("<i>\"").And.Not.Contain("\u0001").And.Not.Contain("&amp;lt;"));
        Assert.That(page, Does.Contain("&lt;b onclick=&#39;a&amp;b&#39;&gt;").And.Contain("train --name &lt;i&gt;").And.Contain("&lt;/title&gt;"));
    }

    [Test]
    public void A_page_asks_for_nothing_from_elsewhere()
    {
        string page = WebUtility.HtmlDecode(Train(out PictureTask task).ToHtml());
        task.Dispose();
        Assert.That(page, Does.Contain("default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"));
        Assert.That(Address().Matches(page).Select(match => match.Groups[1].Value[..5]), Is.Not.Empty.And.All.EqualTo("data:"));
        Assert.That(page, Does.Not.Contain("url(").And.Not.Contain("@import").And.Not.Contain("<link"));
    }

    [Test]
    public void Numbers_that_are_not_finite_leave_gaps()
    {
        TrainingReport report = Train(out PictureTask task);
        task.Dispose();
        TensorHistogram broken = TensorHistogram.Of<double>([double.NaN, double.PositiveInfinity]);
        report = report with
        {
            History = [.. report.History.Select((epoch, i) => epoch with { Training = [double.NaN, double.NegativeInfinity], Validation = [i == 1 ? double.NaN : 0.5, double.NaN] })],
            Loss = new("loss", [1, 2, 3], [double.NaN, double.PositiveInfinity, 1]),
            GradientNorm = new("norm", [1, 2], [double.NaN, double.NaN]),
            View = report.View! with
            {
                Parameters = [new("w", "[2]", broken, broken)],
                Samples = [new(null, 1, 2, double.NaN, double.NaN)],
            },
        };
        string page = report.ToHtml();
        foreach (Match d in Regex.Matches(page, " (?:d|x|y|cx|cy|width|height|viewBox)=\"([^\"]*)\"")) Assert.That(d.Groups[1].Value, Does.Not.Contain("NaN").And.Not.Contain("∞").And.Not.Contain("Infinity"));
        Assert.That(page, Does.Contain("no finite numbers").And.Contain("2 not finite"));
        Assert.That(report.ToJson(), Does.Contain("\"NaN\""));
    }

    [Test]
    public void A_training_that_fails_leaves_a_report_that_says_so()
    {
        using TemporaryFolder folder = new();
        using HtmlReport report = new(folder["r.html"]);
        using PictureTask task = new(report, new AtStep(2, _ => throw new CrashException()));
        Assert.That(() => task.Trainer.Fit(1), Throws.TypeOf<CrashException>());
        Assert.That(File.ReadAllText(folder["r.html"]), Does.Contain("<span class=\"status failed\">failed</span>").And.Contain("step 2 of 3"));
    }

    [Test]
    public void A_report_that_cannot_be_written_is_refused_at_the_start_and_told_later()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "");
        using HtmlReport refused = new(Path.Combine(folder["file"], "r.html"));
        using PictureTask none = new(refused);
        Assert.That(() => none.Trainer.Fit(1), Throws.InstanceOf<IOException>());

        List<string> told = [];
        using HtmlReport report = new(Path.Combine(folder["gone"], "r.html"), told.Add);
        using PictureTask task = new(report, new AtStep(2, _ =>
        {
            Directory.Delete(folder["gone"], recursive: true);
            File.WriteAllText(folder["gone"], "");
        }));
        Assert.That(task.Trainer.Fit(1), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(told, Has.Count.EqualTo(2).And.All.Contains("could not be written"), "after the epoch and at the end");
        Assert.That(told[0], Does.EndWith("The training goes on."));
    }

    [Test]
    public void Regression_and_missing_validation_have_a_report_too()
    {
        using HtmlReport report = new();
        using TinyTask task = new(validate: false, callbacks: [report], loss: (y, t) => y.Square().Mean(), metric: new MeanLossOfSquares());
        task.Trainer.Fit(1);
        EpochView view = report.Current!.View!;
        Assert.That((view.OfValidation, view.Filters, view.Parameters.Count), Is.EqualTo((false, (FilterView?)null, task.Model.Parameters().Count)));
        Assert.That(view.Samples.Select(sample => sample.Picture), Is.All.Null, "points are no pictures");
        Assert.That(report.Current.ToHtml(), Does.Contain("training loss"));
    }

    private static TrainingReport Train(out PictureTask task, int shown = 24)
    {
        using HtmlReport report = new() { Shown = shown, MeasureEvery = 1 };
        task = new(report);
        task.Trainer.Fit(Epochs);
        return report.Current!;
    }

    // All but times and the machine.
    private static string Run(string folder, params ITrainingCallback[] others)
    {
        using HtmlReport report = new(Path.Combine(folder, "report.html")) { MeasureEvery = 2, Saliency = true };
        using PictureTask task = new(Path.Combine(folder, "checkpoints"), 0.01, [report, .. others]);
        task.Trainer.Resume();
        task.Trainer.Fit(Epochs);
        TrainingReport current = report.Current! with { Written = default, Facts = [] };
        Assert.That(File.ReadAllText(report.Path!), Does.Contain("finished"));
        return (current with { History = [.. current.History.Select(epoch => epoch with { Seconds = 0 })] }).ToJson();
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Address();

    private sealed class Looking(Action<Trainer> before, Action<Trainer> after) : ITrainingCallback
    {
        public void Updating(Trainer trainer)
        {
            if (trainer.Step == 1) before(trainer);
        }

        public void StepEnded(Trainer trainer, double loss)
        {
            if (trainer.Step == 2) after(trainer);
        }
    }

    private sealed class RectifiedTwice : Module<Tensor, Tensor>
    {
        private readonly Linear _in = new(16, 5), _out = new(5, 16);

        protected override Tensor ForwardCore(Tensor x) => _out.Forward((-(_in.Forward(x).Relu() + 1)).Relu());
    }

    private sealed class MeanLossOfSquares : MeanMetric
    {
        public override string Name => "squares";

        public override void Update(Tensor prediction, Tensor target) => Add(prediction.Square().Sum().ToDouble(), prediction.Count);
    }

    private sealed class CrashAtCheckpoint(long step) : ITrainingCallback
    {
        public void CheckpointSaved(Trainer trainer, string path)
        {
            if (trainer.Step == step) throw new CrashException();
        }
    }

    private sealed class CrashException : Exception;
}
