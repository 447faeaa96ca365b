using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Checkpoints that are written while the training goes on: the same bytes, nothing lost, and failures that are told.</summary>
public sealed class BackgroundCheckpointTests
{
    [Test]
    public void They_hold_what_those_written_at_once_hold()
    {
        using TemporaryFolder folder = new();
        foreach (bool background in (bool[])[false, true])
        {
            using TinyTask task = new(folder[$"{background}"], every: 3, background: background);
            task.Trainer.Fit(2);
        }

        string[] names = Names(folder["False"]);
        Assert.That(names, Has.Length.EqualTo(3));
        Assert.That(Names(folder["True"]), Is.EqualTo(names));
        foreach (string name in names)
        {
            using TensorScope scope = new();
            (Checkpoint atOnce, Checkpoint later) = (CheckpointFile.Load(Path.Combine(folder["False"], name)), CheckpointFile.Load(Path.Combine(folder["True"], name)));
            Assert.That(later.Tensors.Keys, Is.EqualTo(atOnce.Tensors.Keys));
            foreach ((string key, Tensor tensor) in atOnce.Tensors) Assert.That(later.Tensors[key].ToArray<float>(), Is.EqualTo(tensor.ToArray<float>()), $"{name}: {key}");
            Assert.That(later.Values.Where(IsNoTime), Is.EqualTo(atOnce.Values.Where(IsNoTime)));
        }

        static bool IsNoTime(KeyValuePair<string, string> value) => value.Key != "epoch.seconds" && !value.Key.StartsWith("history.", StringComparison.Ordinal);
    }

    [TestCase(6), TestCase(15)]
    public void A_run_that_was_killed_ends_with_the_same_bits(int crash)
    {
        using TemporaryFolder folder = new();
        using TinyTask whole = new();
        whole.Trainer.Fit(3);
        using (TinyTask killed = new(folder.Path, every: 4, background: true, callbacks: [new AtStep(crash, _ => throw new InvalidOperationException("killed"))]))
            Assert.That(() => killed.Trainer.Fit(3), Throws.InvalidOperationException);
        using TinyTask resumed = new(folder.Path, every: 4, background: true);
        Assert.That(resumed.Trainer.Resume());
        resumed.Trainer.Fit(3);
        Assert.That(resumed.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
    }

    [Test]
    public void Callbacks_hear_of_each_on_the_training_thread_in_order()
    {
        using TemporaryFolder folder = new();
        Saved saved = new();
        using TinyTask task = new(folder.Path, every: 3, background: true, callbacks: [saved]);
        task.Trainer.Fit(1);
        Assert.That(saved.Heard, Is.EqualTo(new[] { (3L, true), (6, true), (7, true) }));
    }

    [Test]
    public void One_that_cannot_be_written_is_reported_and_the_next_one_is_saved()
    {
        using TemporaryFolder folder = new();
        Block(folder, 6);
        List<string> reports = [];
        using TinyTask task = new(folder.Path, every: 3, background: true, reports: reports);
        Assert.That(task.Trainer.Fit(1), Is.EqualTo(TrainingEnd.Finished));
        Assert.That(reports, Has.Some.StartsWith("A checkpoint could not be written"));
        Assert.That(task.Trainer.Checkpoints!.Latest()!.Value.Step, Is.EqualTo(7));
        Assert.That(Names(folder.Path), Is.EqualTo(new[] { "step-000000003.checkpoint", "step-000000007.checkpoint" }), "and nothing half written");
    }

    [Test]
    public void When_the_last_one_cannot_be_written_the_training_says_so_at_its_end([Values] bool background)
    {
        using TemporaryFolder folder = new();
        Block(folder, 7);
        using TinyTask whole = new(), task = new(folder.Path, every: 3, background: background);
        whole.Trainer.Fit(1);
        Assert.That(() => task.Trainer.Fit(1), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(task.Fingerprint(), Is.EqualTo(whole.Fingerprint()), "the model in memory is intact");
        Assert.That(task.Trainer.Checkpoints!.Latest()!.Value.Step, Is.EqualTo(6), "so is what was saved");
        Assert.That(Names(folder.Path), Is.EqualTo(new[] { "step-000000003.checkpoint", "step-000000006.checkpoint" }));
    }

    // A folder that is not empty stands where the file should go.
    private static void Block(TemporaryFolder folder, long step) => Directory.CreateDirectory(folder[Path.Combine($"step-{step:D9}.checkpoint", "in the way")]);

    private static string[] Names(string folder) => [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order()];

    private sealed class Saved : ITrainingCallback
    {
        private readonly int _thread = Environment.CurrentManagedThreadId;

        public List<(long Step, bool OnThread)> Heard { get; } = [];

        public void CheckpointSaved(Trainer trainer, string path) => Heard.Add((trainer.Checkpoints!.List().Single(stored => stored.Path == path).Step, Environment.CurrentManagedThreadId == _thread));
    }
}
