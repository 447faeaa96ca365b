using System.Text.Json;
using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;
using Message = Gradwright.Tests.Training.EventFileReader.Message;

namespace Gradwright.Tests.Training;

/// <summary>What logs write while a training runs, and that an interruption leaves no trace in them.</summary>
public sealed class LogTests
{
    private const int Epochs = 3, Every = 2;

    public enum Kind
    {
        Csv,
        JsonLines,
        TensorBoard,
    }

    // Before the first checkpoint, between two, right after one, at the end of an epoch, right after it.
    [Test]
    public void A_killed_and_resumed_run_leaves_the_same_file([Values] Kind kind, [Values(2, 6, 8, 14, 15)] int crash)
    {
        using TemporaryFolder folder = new();
        byte[] whole = Run(kind, folder["whole"]);
        Assert.That(() => Run(kind, folder["killed"], new AtStep(crash, _ => throw new CrashException())), Throws.TypeOf<CrashException>());
        Assert.That(Run(kind, folder["killed"]), Is.EqualTo(whole));
        Assert.That(Run(kind, folder["killed"]), Is.EqualTo(whole), "a finished run adds nothing");
    }

    [Test]
    public void A_run_in_several_calls_of_Fit_leaves_the_same_file([Values] Kind kind)
    {
        using TemporaryFolder folder = new();
        byte[] whole = Run(kind, folder["whole"]);
        using FileLog log = Create(kind, folder["parts"]);
        using TinyTask task = new(callbacks: [log]);
        foreach (int steps in (int[])[3, 7, 10, 30]) task.Trainer.Fit(Epochs, steps);
        Assert.That(File.ReadAllBytes(log.Path), Is.EqualTo(whole));
    }

    [Test]
    public void A_table_has_rows_of_steps_and_epochs()
    {
        using TemporaryFolder folder = new();
        using CsvLog log = new(folder["log.csv"], every: 5);
        List<double> losses = [];
        using TinyTask task = new(callbacks: [log, new AtStep(5, t => losses.Add(t.Running[0].Value))]);
        task.Trainer.Fit(2);
        string[][] rows = [.. File.ReadAllLines(log.Path).Select(line => line.Split(','))];
        Assert.That(rows[0], Is.EqualTo(new[] { "epoch", "step", "learning rate", "batch loss", "training loss", "validation loss", "training accuracy", "validation accuracy" }));
        Assert.That(rows.Skip(1).Select(row => (row[0], row[1], row[3] != "", row[5] != "")), Is.EqualTo(new[] { ("1", "5", true, false), ("1", "7", false, true), ("2", "10", true, false), ("2", "14", false, true) }));
        Assert.That(double.Parse(rows[1][4]), Is.EqualTo(losses[0]));
        Assert.That(double.Parse(rows[4][7]), Is.EqualTo(task.Trainer.History.Validation("accuracy")[1]));
        Assert.That(double.Parse(rows[2][2]), Is.EqualTo(task.Trainer.History.Epochs[0].LearningRate));
    }

    [Test]
    public void Lines_of_JSON_parse_and_NaN_is_null()
    {
        using TemporaryFolder folder = new();
        using JsonLinesLog log = new(folder["log.jsonl"], every: 7);
        using TinyTask task = new(validate: false, callbacks: [log]);
        task.Trainer.Fit(1);
        JsonElement[] lines = [.. File.ReadAllLines(log.Path).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(lines[0].GetProperty("batch_loss").GetDouble(), Is.Positive);
        Assert.That(lines[1].GetProperty("training").GetProperty("accuracy").GetDouble(), Is.EqualTo(task.Trainer.History.Training("accuracy")[0]));
        Assert.That(lines[1].EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "epoch", "step", "learning_rate", "training" }));
        ((ITrainingCallback)log).Started(task.Trainer);
        log.EpochEnded(task.Trainer, new(2, 8, 0.1, 1, [double.NaN, double.PositiveInfinity], []));
        log.Dispose();
        Assert.That(File.ReadLines(log.Path).Last(), Does.EndWith("""{"loss":null,"accuracy":null}}"""));
    }

    [Test]
    public void TensorBoard_gets_curves_histograms_pictures_texts_and_a_graph()
    {
        using TemporaryFolder folder = new();
        Recall recall = new(2);
        long shown = 0;
        using TensorBoardLog log = new(folder.Path, every: 7, histogramsEvery: 6, new StoppedClock())
        {
            Pictures = trainer =>
            {
                shown = recall.Matrix.Total;
                return [("confusion", recall.Matrix.ToPicture())];
            },
        };
        double[] gradient = [];
        using TinyTask task = new(callbacks: [log, new Gradients(t => gradient = [.. t.Model.Parameters()[0].Grad!.ToArray<float>()])], settings: new() { ["rate"] = "0.1" }, metric: recall);
        task.Trainer.Fit(1);
        List<Message> records = EventFileReader.Read(File.ReadAllBytes(log.Path));
        ILookup<string, (long Step, Message Value)> tags = records.Where(record => record.Has(5)).Select(record => (record.Integer(2), record.Inner(5).Inner(1))).ToLookup(entry => entry.Item2.Text(1));
        Assert.That(records.Single(record => record.Has(4)).Inner(4).All(1).Select(node => node.Text(1)), Does.Contain("input").And.Contain("0_Linear/weight"));
        Assert.That(tags["recall/validation"].Single().Value.Single(2), Is.EqualTo((float)task.Trainer.History.Validation("recall")[0]));
        Assert.That(tags["step/loss"].Single().Step, Is.EqualTo(7));
        Assert.That(tags["settings"].Single().Value.Inner(8).Text(8), Does.Contain("| rate | 0.1 |"));
        Assert.That(tags["model"].Single().Value.Inner(8).Text(8), Does.Contain("Linear(2 → 16)"));
        Assert.That(tags["confusion"].Single().Value.Inner(4).Bytes(4), Has.Length.GreaterThan(50));
        Assert.That((shown, recall.Matrix.Total), Is.EqualTo((TinyTask.Samples, 0)), "metrics hold the validation until the callbacks have seen it");
        Assert.That(tags.Where(tag => tag.Key.StartsWith("parameters/", StringComparison.Ordinal)).Select(tag => tag.Single().Step), Is.EqualTo(Enumerable.Repeat(6L, task.Model.Parameters().Count)));
        Assert.That(tags["gradients/0.weight"].Single().Value.Inner(5).Double(4), Is.EqualTo(gradient.Sum()).Within(1e-12));
    }

    [Test]
    public void A_log_that_has_lost_lines_is_refused_and_one_that_is_gone_is_begun_again()
    {
        using TemporaryFolder folder = new();
        Run(Kind.Csv, folder.Path);
        string path = folder["log.csv"];
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        Assert.That(() => Run(Kind.Csv, folder.Path), Throws.TypeOf<InvalidDataException>().With.Message.Contains("shorter now: lines are lost"));
        File.Delete(path);
        Assert.That(Run(Kind.Csv, folder.Path), Has.Length.LessThan(200), "the title only: all epochs are done");
    }

    [Test]
    public void A_log_is_open_only_while_a_training_runs()
    {
        using TemporaryFolder folder = new();
        using TensorBoardLog log = new(folder.Path);
        Assert.That(() => log.Writer, Throws.InvalidOperationException.With.Message.Contains("open only while a training runs"));
        Assert.That(() => new CsvLog(folder["a"], every: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    internal static FileLog Create(Kind kind, string folder) => kind switch
    {
        Kind.Csv => new CsvLog(Path.Combine(folder, "log.csv"), Every),
        Kind.JsonLines => new JsonLinesLog(Path.Combine(folder, "log.jsonl"), Every),
        _ => new TensorBoardLog(folder, Every, histogramsEvery: 4, new StoppedClock()),
    };

    private static byte[] Run(Kind kind, string folder, params ITrainingCallback[] others)
    {
        using FileLog log = Create(kind, folder);
        using TinyTask task = new(Path.Combine(folder, "checkpoints"), every: 4, callbacks: [log, .. others]);
        task.Trainer.Resume();
        task.Trainer.Fit(Epochs);
        return File.ReadAllBytes(log.Path);
    }

    private sealed class Gradients(Action<Trainer> look) : ITrainingCallback
    {
        public void Updating(Trainer trainer)
        {
            if (trainer.Step == 5) look(trainer);
        }
    }

    private sealed class CrashException : Exception;
}
