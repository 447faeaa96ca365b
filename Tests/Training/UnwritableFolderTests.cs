using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Folders that may not be written or read, and full disks: it is said at once, in words that name the file, and nothing that was saved is lost.</summary>
public sealed class UnwritableFolderTests
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    [Test]
    public void Checkpoints_are_kept_and_the_training_says_which_it_could_not_write() => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = new();
        string checkpoints = folder["checkpoints"];
        using TinyTask whole = new();
        whole.Trainer.Fit(2);
        IDisposable? restriction = null;
        using (TinyTask stopped = new(checkpoints, every: 3, callbacks: [new AtStep(8, _ => restriction = OrdinaryUser.Restrict(checkpoints, ReadOnly))]))
        {
            Assert.That(() => stopped.Trainer.Fit(2), Throws.InstanceOf<IOException>().With.Message.Contains("step-000000009.checkpoint was not written and is as it was before").And.Message.Contains("denied"));
            Assert.That(stopped.Trainer.Checkpoints!.Latest()!.Value.Step, Is.EqualTo(7));
        }

        restriction!.Dispose();
        using TinyTask resumed = new(checkpoints, every: 3);
        Assert.That(resumed.Trainer.Resume());
        Assert.That(resumed.Trainer.Step, Is.EqualTo(7));
        resumed.Trainer.Fit(2);
        Assert.That(resumed.Fingerprint(), Is.EqualTo(whole.Fingerprint()));
    });

    [Test]
    public void Checkpoints_that_may_not_be_read_are_not_taken_for_none() => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = new();
        string checkpoints = folder["run/checkpoints"];
        using (TinyTask first = new(checkpoints, every: 3)) first.Trainer.Fit(1);
        List<string> reports = [];
        using TinyTask task = new(checkpoints, reports: reports);
        foreach ((string path, UnixFileMode mode) in (ReadOnlySpan<(string, UnixFileMode)>)[(checkpoints, UnixFileMode.None), (folder["run"], UnixFileMode.None)])
            using (OrdinaryUser.Restrict(path, mode)) Assert.That(() => task.Trainer.Resume(), Throws.InstanceOf<UnauthorizedAccessException>().With.Message.Contains(checkpoints), path);
        using (OrdinaryUser.Restrict(Path.Combine(checkpoints, "step-000000007.checkpoint"), UnixFileMode.None)) Assert.That(task.Trainer.Resume());
        Assert.That(task.Trainer.Step, Is.EqualTo(6), "an older one that may be read");
        Assert.That(reports, Has.One.Contains("step-000000007.checkpoint").And.One.Contains("denied"));
    });

    [Test]
    public void Logs_that_cannot_be_written_are_told_before_the_first_step([Values] LogTests.Kind kind, [Values] bool report) => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = new();
        string run = folder["run"];
        Directory.CreateDirectory(run);
        using FileLog log = LogTests.Create(kind, run);
        using HtmlReport page = new(Path.Combine(run, "report.html"), tell: _ => { });
        using TinyTask task = new(callbacks: report ? [page] : [log]);
        using IDisposable restriction = OrdinaryUser.Restrict(run, ReadOnly);
        Assert.That(() => task.Trainer.Fit(1), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>().With.Message.Contains(report ? page.Path! : log.Path).And.Message.Contains("denied"));
        Assert.That(task.Trainer.Step, Is.Zero);
    });

    [Test]
    [Platform("Linux", Reason = "it has a device that is always full")]
    public void A_log_on_a_full_disk_ends_the_training_and_costs_no_checkpoint([Values(LogTests.Kind.Csv, LogTests.Kind.JsonLines)] LogTests.Kind kind)
    {
        using TemporaryFolder folder = new();
        using FileLog log = LogTests.Create(kind, folder["run"]);
        string path = log.Path;
        using (TinyTask first = new(folder["checkpoints"], callbacks: [log])) first.Trainer.Fit(1);
        File.Delete(path);
        File.CreateSymbolicLink(path, "/dev/full");
        List<TrainingEnd?> heard = [];
        using TinyTask task = new(folder["checkpoints"], callbacks: [log, new AtEnd(heard.Add)]);
        Assert.That(task.Trainer.Resume());
        Assert.That(() => task.Trainer.Fit(2), Throws.InstanceOf<IOException>().With.Message.Contains("No space left on device"));
        Assert.That(heard, Is.EqualTo(new TrainingEnd?[] { null }), "the other callbacks hear of the end");
        Assert.That(task.Trainer.Checkpoints!.Latest()!.Value.Step, Is.EqualTo(7));
    }

    [Test]
    public void A_search_keeps_the_trials_that_have_ended() => OrdinaryUser.Run(() =>
    {
        using TemporaryFolder folder = new();
        string path = folder["search"];
        SearchSpace space = new();
        Hyperparameter<double> rate = space.LogUniform("rate", 1e-4, 1);
        HyperparameterSearch search = new(space, SearchStrategy.Random(5)) { Folder = path };
        IDisposable? restriction = null;
        List<int> tried = [];
        Assert.That(() => search.Run(trial =>
        {
            tried.Add(trial.Number);
            if (trial.Number == 2) restriction = OrdinaryUser.Restrict(path, ReadOnly);
            return trial.Get(rate);
        }), Throws.InstanceOf<IOException>().With.Message.Contains("search.jsonl was not written and is as it was before"));
        restriction!.Dispose();
        SearchResult result = search.Run(trial =>
        {
            tried.Add(trial.Number);
            return trial.Get(rate);
        });
        Assert.That(result.IsComplete);
        Assert.That(tried, Is.EqualTo(new[] { 0, 1, 2, 2, 3, 4 }), "only the one whose result could not be kept is repeated");
        File.Delete(Path.Combine(path, "search.lock"));
        using (OrdinaryUser.Restrict(path, ReadOnly))
            Assert.That(() => search.Run(_ => 0), Throws.InstanceOf<UnauthorizedAccessException>().With.Message.Contains("search.lock"));
    });

    [Test]
    public void All_callbacks_hear_of_the_end_though_one_of_them_fails([Values] bool diverges)
    {
        List<TrainingEnd?> heard = [];
        using TinyTask task = new(callbacks: [new AtEnd(_ => throw new IOException("cannot be closed")), new AtEnd(heard.Add), new AtStep(diverges ? 3 : -1, _ => throw new DivergenceException("diverged"))]);
        Assert.That(() => task.Trainer.Fit(1), diverges ? Throws.TypeOf<DivergenceException>() : Throws.TypeOf<IOException>());
        Assert.That(heard, Is.EqualTo(new TrainingEnd?[] { diverges ? null : TrainingEnd.Finished }));
    }

    private sealed class AtEnd(Action<TrainingEnd?> action) : ITrainingCallback
    {
        public void Ended(Trainer trainer, TrainingEnd? end) => action(end);
    }
}
