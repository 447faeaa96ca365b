using System.Diagnostics;
using Gradwright.Data;
using Gradwright.Examples;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

/// <summary>The CIFAR-10 example on drawn pictures: augmentation, dropout, workers, a schedule and checkpoints in the background, killed again and again.</summary>
public sealed class Cifar10Tests
{
    private const int Kills = 10, MostDelay = 40;    // milliseconds
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    // 600 steps of a narrow network.
    private static string[] Job(TemporaryFolder folder, string name) =>
        ["cifar10", "--data", folder["data"], "--out", folder[name], "--width", "4", "--epochs", "60", "--batch", "18", "--dropout", "0.3", "--checkpoint-every", "2"];

    [Test]
    public void Killed_at_ten_random_moments_it_gives_the_same_file()
    {
        using TemporaryFolder folder = new();
        Draw(folder["data"]);
        Run([.. Job(folder, "whole"), "--workers", "1"]);
        Generator random = new(11);
        for (int kill = 0; kill < Kills; kill++)
        {
            string[] job = [.. Job(folder, "killed"), "--workers", $"{1 + kill % 3}", .. kill == 0 ? (string[])[] : ["--resume"]];
            using Process child = Process.Start(new ProcessStartInfo("dotnet", [typeof(ExampleProgram).Assembly.Location, .. job]) { RedirectStandardOutput = true })!;
            long before = Newest(folder["killed"]), start = Stopwatch.GetTimestamp();
            while (!child.HasExited && Stopwatch.GetElapsedTime(start) < _limit && Newest(folder["killed"]) == before) Thread.Sleep(1);
            Thread.Sleep((int)random.Next(MostDelay));      // so that it may be anywhere in a step or in a file
            Assert.That(child.HasExited, Is.False, $"the job is long enough to be killed at step {Newest(folder["killed"])}");
            child.Kill();       // SIGKILL
            child.WaitForExit();
        }

        Assert.That(Run([.. Job(folder, "killed"), "--workers", "2", "--resume"]), Does.Match("Resumed at step [1-9]"));
        Assert.That(File.ReadAllBytes(Path.Combine(folder["killed"], "model.safetensors")), Is.EqualTo(File.ReadAllBytes(Path.Combine(folder["whole"], "model.safetensors"))));
    }

    [Test]
    public void It_stops_when_the_time_is_over_and_says_how_to_go_on()
    {
        using TemporaryFolder folder = new();
        Draw(folder["data"]);
        string output = Run([.. Job(folder, "run"), "--minutes", "0.001"]);
        Assert.That(output, Does.Match(@"The time was over after step \d+ of 600").And.Contain("--resume").And.Not.Contain("Test accuracy"));
    }

    [Test]
    public void Data_that_are_missing_are_asked_for()
    {
        using TemporaryFolder folder = new();
        (int code, _, string error) = Program.Run("cifar10", "--data", folder["nowhere"], "--out", folder["run"]);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error, Does.Contain("nowhere").And.Contain("--download"));
    }

    private static string Run(string[] arguments)
    {
        (int code, string output, string error) = Program.Run(arguments);
        Assert.That(code, Is.Zero, error);
        return output;
    }

    // The step of the newest checkpoint; 0 before there is one.
    private static long Newest(string folder)
    {
        string checkpoints = Path.Combine(folder, "checkpoints");
        return Directory.Exists(checkpoints) && Directory.GetFiles(checkpoints, "*.checkpoint").Max() is { } path ? long.Parse(Path.GetFileNameWithoutExtension(path)["step-".Length..]) : 0;
    }

    // 200 training and 20 test pictures of noise, brighter from class to class.
    private static void Draw(string folder)
    {
        Directory.CreateDirectory(folder);
        Generator random = new(4);
        foreach (string name in (string[])[.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}"), "test_batch"])
        {
            byte[] bytes = new byte[(name == "test_batch" ? 20 : 40) * (1 + CifarFile.ImageBytes)];
            for (int i = 0; i < bytes.Length; i++)
            {
                int label = i / (1 + CifarFile.ImageBytes) % 10;
                bytes[i] = (byte)(i % (1 + CifarFile.ImageBytes) == 0 ? label : random.Next(100) + 15 * label);
            }

            File.WriteAllBytes(Path.Combine(folder, $"{name}.bin"), bytes);
        }
    }
}
