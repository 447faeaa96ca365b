using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

public sealed class BestModelsTests
{
    private const int Epochs = 6, Keep = 2;

    [Test]
    public void The_best_epochs_weights_are_kept_best_first()
    {
        using TemporaryFolder folder = new();
        BestModels best = new(folder.Path, keep: Keep);
        Dictionary<long, float[]> weights = [];
        using TinyTask task = new(callbacks: [best, new EachEpoch(t => weights[t.Epoch] = t.Model.Parameters()[0].ToArray<float>())]);
        task.Trainer.Fit(Epochs);
        long[] expected = [.. task.Trainer.History.Epochs.OrderBy(epoch => epoch.Validation[0]).Take(Keep).Select(epoch => epoch.Epoch)];
        Assert.That(best.Files.Select(path => Path.GetFileName(path)[..12]), Is.EqualTo(expected.Select(epoch => $"epoch-{epoch:D6}")));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(Keep));
        task.Model.LoadWeights(best.Files[0]);
        Assert.That(task.Model.Parameters()[0].ToArray<float>(), Is.EqualTo(weights[expected[0]]));
        using SafetensorsFile file = SafetensorsFile.Open(best.Files[0]);
        Assert.That((file.Metadata["epoch"], double.Parse(file.Metadata["value"])), Is.EqualTo(($"{expected[0]}", task.Trainer.History.Validation("loss").Min())));
    }

    [Test]
    public void A_resumed_training_keeps_the_same_files()
    {
        using TemporaryFolder folder = new();
        Run("whole");
        Assert.That(() => Run("killed", new AtStep(24, _ => throw new InvalidOperationException("killed"))), Throws.InvalidOperationException);
        Run("killed");
        Assert.That(Files("killed"), Is.EqualTo(Files("whole")));

        void Run(string name, params ITrainingCallback[] others)
        {
            using TinyTask task = new(folder[Path.Combine(name, "checkpoints")], every: 4, callbacks: [new BestModels(folder[Path.Combine(name, "best")], "accuracy", Keep), .. others]);
            task.Trainer.Resume();
            task.Trainer.Fit(Epochs);
        }

        (string, string)[] Files(string name) => [.. Directory.GetFiles(folder[Path.Combine(name, "best")]).Order().Select(path => (Path.GetFileName(path), Convert.ToHexString(File.ReadAllBytes(path))))];
    }

    [Test]
    public void A_file_that_cannot_be_written_is_reported_and_the_training_goes_on()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "");
        List<string> reports = [];
        BestModels best = new(folder["file"], report: reports.Add);
        using TinyTask task = new(callbacks: [best]);
        Assert.That(task.Trainer.Fit(1), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(reports, Has.Count.EqualTo(1).And.All.Contains("Could not keep a model").And.All.Contains("goes on"));
        Assert.That(best.Files, Is.Empty);
    }

    [Test]
    public void Weights_come_from_checkpoints_too_and_others_are_refused()
    {
        using TemporaryFolder folder = new();
        using TinyTask task = new(folder.Path), fresh = new();
        task.Trainer.Fit(1);
        string path = task.Trainer.Checkpoints!.Latest()!.Value.Path;
        fresh.Model.LoadWeights(path);
        Assert.That(fresh.Model.StateDictionary().Select(entry => entry.Value.ToArray<float>()), Is.EqualTo(task.Model.StateDictionary().Select(entry => entry.Value.ToArray<float>())));
        using Gradwright.Layers.Linear other = new(2, 2);
        Assert.That(() => other.LoadWeights(path), Throws.ArgumentException.With.Message.Contains("Missing: weight"));
    }

    [Test]
    public void A_metric_that_is_not_there_is_refused_before_the_first_step()
    {
        using TemporaryFolder folder = new();
        using TinyTask task = new(callbacks: [new BestModels(folder.Path, "f1")]);
        Assert.That(() => task.Trainer.Fit(1), Throws.ArgumentException.With.Message.Contains("no metric 'f1', only loss, accuracy"));
        Assert.That(task.Trainer.Step, Is.Zero);
    }

    [Test]
    public void Gradients_are_cut_element_by_element_before_callbacks_see_them()
    {
        List<double> largest = [];
        using TinyTask task = new(callbacks: [new Gradients(t => largest.Add(t.Model.Parameters().Max(p => p.Grad!.ToArray<float>().Max(Math.Abs))))], maxGradient: 0.01);
        task.Trainer.Fit(1);
        Assert.That(largest, Has.Count.EqualTo(TinyTask.StepsPerEpoch).And.All.InRange(0.0099, 0.01 + 1e-9));
    }

    [Test]
    public void An_interruption_is_told_with_the_way_to_go_on([Values] bool checkpoints)
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource cancellation = new();
        using StringWriter output = new();
        using TinyTask task = new(checkpoints ? folder.Path : null, callbacks: [new ConsoleProgress(output), new AtStep(5, _ => cancellation.Cancel())]);
        task.Trainer.Fit(2, cancellation: cancellation.Token);
        Assert.That(output.ToString(), Does.Contain("Interrupted after step 5 of 14.").And.Contain(checkpoints ? "step-000000005.checkpoint holds everything: Trainer.Resume()" : "No checkpoint was saved"));
    }

    private sealed class EachEpoch(Action<Trainer> look) : ITrainingCallback
    {
        public void EpochEnded(Trainer trainer, EpochRecord epoch) => look(trainer);
    }

    private sealed class Gradients(Action<Trainer> look) : ITrainingCallback
    {
        public void Updating(Trainer trainer) => look(trainer);
    }
}
