using System.Diagnostics;
using Gradwright.Examples;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

/// <summary>The main example on a few hundred synthetic digits.</summary>
public sealed class DigitsTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private static string[] LongJob => ["--limit", "1000", "--epochs", "3", "--batch", "10", "--checkpoint-every", "30"];

    [Test]
    public void A_network_is_trained_saved_loaded_and_shown()
    {
        using TemporaryFolder folder = new();
        string output = Run("--limit", "300", "--epochs", "2", "--batch", "20", "--out", folder.Path);
        Assert.That(output, Does.Contain("300 images to train, 60 to validate, 60 to test"));
        Assert.That(output, Does.Contain("Conv2D(1 → ").And.Contain("epoch 2/2").And.Contain("Test accuracy: ").And.Contain("read as"));
        foreach (string name in (string[])["model.safetensors", "curves.svg", "history.csv", "filters.png", "samples.png", "report.html"])
        {
            Assert.That(output, Does.Contain(folder[name]));
            Assert.That(new FileInfo(folder[name]).Length, Is.Positive, name);
        }

        using SafetensorsFile model = SafetensorsFile.Open(folder["model.safetensors"]);
        Assert.That(model.Names, Does.Contain("0.weight"));
        Assert.That(model.Metadata.Keys, Does.Contain("mean").And.Contain("deviation"));
    }

    [Test]
    public void The_report_is_where_it_was_asked_for_and_can_be_watched()
    {
        using TemporaryFolder folder = new();
        string output = Run("--limit", "50", "--epochs", "1", "--out", folder["run"], "--report", folder["page.html"], "--watch");
        Assert.That(output, Does.Match(@"Watch at http://localhost:\d+/").And.Contain(folder["page.html"]));
        Assert.That(File.ReadAllText(folder["page.html"]), Does.Contain("<title>Digits: finished</title>").And.Contain("--seed"));
    }

    [Test]
    public void One_and_two_threads_give_the_same_file()
    {
        using TemporaryFolder folder = new();
        foreach (string threads in (string[])["1", "2"])
            Run("--limit", "200", "--epochs", "1", "--threads", threads, "--out", folder[threads]);
        Assert.That(Model(folder["1"]), Is.EqualTo(Model(folder["2"])));
    }

    [Test]
    public void Another_seed_gives_another_file()
    {
        using TemporaryFolder folder = new();
        foreach (string seed in (string[])["1", "2"])
            Run("--limit", "50", "--epochs", "1", "--seed", seed, "--out", folder[seed]);
        Assert.That(Model(folder["1"]), Is.Not.EqualTo(Model(folder["2"])));
    }

    [Test]
    public void Killed_and_resumed_it_gives_the_same_file()
    {
        using TemporaryFolder folder = new();
        Run([.. LongJob, "--out", folder["whole"]]);
        string killed = folder["killed"];
        using (Process child = StartAndAwaitCheckpoints(killed)) child.Kill();      // SIGKILL
        Assert.That(File.Exists(Path.Combine(killed, "model.safetensors")), Is.False, "it was killed before its end");

        (int code, _, string error) = Program.Run(["digits", .. LongJob, "--out", killed]);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("holds an unfinished run").And.Contain("--resume").And.Contain("--restart"));
        string newest = Directory.GetFiles(Path.Combine(killed, "checkpoints"), "*.checkpoint").Max()!;
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..^100]);
        string output = Run([.. LongJob, "--out", killed, "--resume"]);
        Assert.That(output, Does.Contain($"Passed over a checkpoint: {newest}").And.Match("Resumed at step [1-9]"));
        Assert.That(Model(killed), Is.EqualTo(Model(folder["whole"])));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "sends a signal with kill")]
    public void Interrupted_it_saves_a_checkpoint_and_says_how_to_go_on()
    {
        using TemporaryFolder folder = new();
        using Process child = StartAndAwaitCheckpoints(folder.Path);
        using (Process signal = Process.Start("kill", ["-INT", $"{child.Id}"])) signal.WaitForExit();
        string output = child.StandardOutput.ReadToEnd();
        Assert.That(child.WaitForExit(_limit));
        Assert.That(child.ExitCode, Is.EqualTo(130));
        Assert.That(output, Does.Match(@"Interrupted after step \d+ of 300").And.Contain("--resume"));
        string step = output.Split("Interrupted after step ")[1].Split(' ')[0];
        Assert.That(File.Exists(Path.Combine(folder["checkpoints"], $"step-{step.PadLeft(9, '0')}.checkpoint")));
    }

    [Test]
    public void Resumed_with_other_options_it_says_which()
    {
        using TemporaryFolder folder = new();
        Run("--limit", "50", "--epochs", "1", "--out", folder.Path);
        (int code, _, string error) = Program.Run("digits", "--limit", "50", "--epochs", "2", "--out", folder.Path, "--resume");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("--epochs was 1 and is 2"));
    }

    [Test]
    public void A_finished_run_is_replaced_by_a_new_one()
    {
        using TemporaryFolder folder = new();
        Run("--limit", "50", "--epochs", "1", "--out", folder.Path);
        byte[] first = Model(folder.Path);
        Run("--limit", "60", "--epochs", "1", "--out", folder.Path);
        Assert.That(Model(folder.Path), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_refused_before_the_training()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "");
        (int code, string output, string error) = Program.Run("digits", "--limit", "10", "--epochs", "1", "--out", folder["file"]);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain($"Nothing can be written to {folder["file"]}").And.Contain("--out"));
        Assert.That(output, Does.Not.Contain("epoch"));
    }

    /// <summary>Runs <see cref="LongJob"/> in a process of its own until it has saved checkpoints.</summary>
    private static Process StartAndAwaitCheckpoints(string folder)
    {
        Process child = Process.Start(new ProcessStartInfo("dotnet", [typeof(ExampleProgram).Assembly.Location, "digits", .. LongJob, "--out", folder]) { RedirectStandardOutput = true })!;
        string checkpoints = Path.Combine(folder, "checkpoints");
        long start = Stopwatch.GetTimestamp();
        while (!child.HasExited && Stopwatch.GetElapsedTime(start) < _limit && !(Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "*.checkpoint").Length > 1))
            Thread.Sleep(5);
        Assert.That(child.HasExited, Is.False, "the job is long enough to be stopped half-way");
        return child;
    }

    private static string Run(params string[] options)
    {
        (int code, string output, string error) = Program.Run(["digits", .. options]);
        Assert.That(code, Is.Zero, error);
        return output;
    }

    private static byte[] Model(string folder) => File.ReadAllBytes(Path.Combine(folder, "model.safetensors"));
}
