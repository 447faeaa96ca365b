using Gradwright.Tests.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

[TestFixture]
public sealed class CheckpointFolderTests
{
    private readonly List<string> _reports = [];
    private TemporaryFolder _folder = null!;
    private TensorScope _scope = null!;

    [SetUp]
    public void Open()
    {
        _reports.Clear();
        (_folder, _scope) = (new(), new());
    }

    [TearDown]
    public void Close()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void A_missing_or_empty_folder_has_no_latest()
    {
        Assert.That(Checkpoints().Latest(), Is.Null);
        var missing = new CheckpointFolder(_folder["not yet"], report: _reports.Add);
        Assert.That(missing.Latest(), Is.Null);
        Assert.That(missing.List(), Is.Empty);
        missing.Save(5, CheckpointFileTests.Sample());
        Assert.That(missing.Latest()!.Value.Path, Is.EqualTo(_folder[Path.Combine("not yet", "step-000000005.checkpoint")]));
        Assert.That(_reports, Is.Empty);
    }

    [Test]
    public void The_newest_are_kept_in_order_of_steps()
    {
        CheckpointFolder checkpoints = Checkpoints(keep: 3);
        foreach (long step in (long[])[1, 20, 300, 4_000, 12_345_678_901]) checkpoints.Save(step, Sample(step));
        Assert.That(Names(), Is.EqualTo(new[] { "step-000000300.checkpoint", "step-000004000.checkpoint", "step-12345678901.checkpoint" }));
        Assert.That(checkpoints.List().Select(c => c.Step), Is.EqualTo(new[] { 300, 4_000, 12_345_678_901 }));
        Assert.That(checkpoints.Latest()!.Value.Load().Integer("step"), Is.EqualTo(12_345_678_901));
        Assert.That(_reports, Is.Empty);
    }

    [Test]
    public void Saving_a_step_again_replaces_its_file()
    {
        CheckpointFolder checkpoints = Checkpoints(keep: 1);
        checkpoints.Save(7, Sample(1));
        checkpoints.Save(7, Sample(2));
        Assert.That(Names(), Has.Length.EqualTo(1));
        Assert.That(checkpoints.Latest()!.Value.Load().Integer("step"), Is.EqualTo(2));
    }

    [Test]
    public void Latest_passes_over_damaged_ones_and_says_why()
    {
        CheckpointFolder checkpoints = Checkpoints(keep: 4);
        foreach (long step in (long[])[1, 2, 3, 4]) checkpoints.Save(step, Sample(step));
        Cut("step-000000004.checkpoint");
        FlipABit("step-000000003.checkpoint");
        Assert.That(checkpoints.Latest()!.Value.Step, Is.EqualTo(2));
        Assert.That(_reports, Has.Count.EqualTo(2));
        Assert.That(_reports[0], Does.StartWith("Passed over a checkpoint").And.Contain("step-000000004.checkpoint").And.Contain("SHA-256"));
        Assert.That(_reports[1], Does.Contain("step-000000003.checkpoint"));
        File.WriteAllBytes(_folder["step-000000002.checkpoint"], []);
        Cut("step-000000001.checkpoint");
        Assert.That(checkpoints.Latest(), Is.Null);
        Assert.That(Names(), Has.Length.EqualTo(4));
    }

    [Test]
    public void Damaged_ones_are_neither_deleted_nor_counted()
    {
        CheckpointFolder first = Checkpoints(keep: 3);
        foreach (long step in (long[])[1, 2, 3]) first.Save(step, Sample(step));
        Cut("step-000000001.checkpoint");
        FlipABit("step-000000003.checkpoint");
        CheckpointFolder resumed = Checkpoints(keep: 2);
        resumed.Save(4, Sample(4));
        Assert.That(Names(), Has.Length.EqualTo(4), "2 and 4 are whole: all that is to be kept");
        Assert.That(_reports, Has.Count.EqualTo(2));
        Assert.That(_reports, Has.All.StartsWith("Left a damaged checkpoint in place"));
        resumed.Save(5, Sample(5));
        Assert.That(Names(), Is.EqualTo(new[] { "step-000000001.checkpoint", "step-000000003.checkpoint", "step-000000004.checkpoint", "step-000000005.checkpoint" }));
        Assert.That(_reports, Has.Count.EqualTo(2), "each is reported once");
    }

    [Test]
    public void The_checkpoint_just_saved_is_never_the_one_deleted()
    {
        CheckpointFolder checkpoints = Checkpoints(keep: 2);
        foreach (long step in (long[])[100, 200]) checkpoints.Save(step, Sample(step));
        checkpoints.Save(50, Sample(50));
        Assert.That(Names(), Is.EqualTo(new[] { "step-000000050.checkpoint", "step-000000200.checkpoint" }));
        Assert.That(_reports, Has.Count.EqualTo(1));
        Assert.That(_reports[0], Does.Contain("step-000000200.checkpoint is of a later step than the checkpoint just saved (50)"));
    }

    [Test]
    public void Files_of_other_names_are_left_alone()
    {
        string[] others =
        [
            "step-1.checkpoint", "step-0000000001.checkpoint", "step--00000001.checkpoint", "step-.checkpoint", "step-00000001x.checkpoint", "best.checkpoint",
            "step-000000001.checkpoint.partial", "step-000000001.checkpoint.0.partial", "notes.txt", "log.0123456789abcdef0123456789abcdef.partial",
        ];
        foreach (string name in others) File.WriteAllText(_folder[name], "mine");
        CheckpointFolder checkpoints = Checkpoints(keep: 1);
        foreach (long step in (long[])[1, 2, 3]) checkpoints.Save(step, Sample(step));
        Assert.That(Names(), Is.EquivalentTo(others.Append("step-000000003.checkpoint")));
        Assert.That(others.Select(name => File.ReadAllText(_folder[name])), Has.All.EqualTo("mine"));
        Assert.That(checkpoints.Latest()!.Value.Step, Is.EqualTo(3));
        Assert.That(_reports, Is.Empty);
    }

    [Test]
    public void What_a_killed_save_leaves_is_passed_over_and_removed_by_the_next_save()
    {
        CheckpointFolder checkpoints = Checkpoints();
        checkpoints.Save(1, Sample(1));
        byte[] whole = File.ReadAllBytes(_folder["step-000000001.checkpoint"]);
        string left = "step-000000002.checkpoint.0123456789abcdef0123456789abcdef.partial", locked = "step-000000002.checkpoint.0123456789abcdef0123456789abcdee.partial";
        File.WriteAllBytes(_folder[left], whole[..(whole.Length / 2)]);
        CheckpointFolder resumed = Checkpoints();
        Assert.That(resumed.Latest()!.Value.Load().Integer("step"), Is.EqualTo(1));
        Assert.That(_reports, Is.Empty);
        using (File.Create(_folder[locked])) resumed.Save(2, Sample(2));
        Assert.That(Names(), Is.EquivalentTo(new[] { "step-000000001.checkpoint", "step-000000002.checkpoint", locked }), "one that is being written stays");
        Assert.That(_reports.Single(), Does.StartWith($"Deleted {_folder[left]}"));
    }

    [Test]
    public void A_failed_save_deletes_no_older_checkpoint()
    {
        CheckpointFolder checkpoints = Checkpoints(keep: 1);
        checkpoints.Save(1, Sample(1));
        Checkpoint broken = Sample(2);
        broken.Tensors["model.weight"].Dispose();
        Assert.That(() => checkpoints.Save(2, broken), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(Names(), Is.EqualTo(new[] { "step-000000001.checkpoint" }));
        Assert.That(checkpoints.Latest()!.Value.Step, Is.EqualTo(1));
    }

    [Test]
    public void Impossible_arguments_are_refused()
    {
        Assert.That(() => Checkpoints(keep: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Checkpoints().Save(-1, Sample(1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private CheckpointFolder Checkpoints(int keep = 3) => new(_folder.Path, keep, _reports.Add);

    private static Checkpoint Sample(long step)
    {
        Checkpoint checkpoint = CheckpointFileTests.Sample();
        checkpoint.Set("step", step);
        return checkpoint;
    }

    private string[] Names() => [.. Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private void Cut(string name)
    {
        byte[] whole = File.ReadAllBytes(_folder[name]);
        File.WriteAllBytes(_folder[name], whole[..^40]);
    }

    private void FlipABit(string name)
    {
        byte[] whole = File.ReadAllBytes(_folder[name]);
        whole[^50] ^= 4;
        File.WriteAllBytes(_folder[name], whole);
    }

    [Test]
    public void A_later_checkpoint_is_reported_once_and_a_damaged_one_as_damaged()
    {
        CheckpointFolder checkpoints = Checkpoints(keep: 3);
        foreach (long step in (long[])[100, 200]) checkpoints.Save(step, Sample(step));
        File.WriteAllText(checkpoints.List()[1].Path, "damaged");
        CheckpointFolder again = Checkpoints(keep: 3);
        foreach (long step in (long[])[50, 60]) again.Save(step, Sample(step));
        Assert.That(_reports, Has.Count.EqualTo(2));
        Assert.That(_reports, Has.One.Contains("step-000000100.checkpoint is of a later step than the checkpoint just saved (50)"));
        Assert.That(_reports, Has.One.StartsWith("Left a damaged checkpoint in place"));
    }
}
