using System.Diagnostics;
using Gradwright.Examples;
using Gradwright.Tests.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Searches with worker processes: the example program, killed and resumed.</summary>
public sealed class WorkerTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    [Test]
    public void A_killed_search_with_workers_resumes_and_ends_as_one_in_a_single_process()
    {
        using TemporaryFolder folder = new();
        string[] options = ["search", "--strategy", "halving", "--trials", "6", "--images", "300", "--epochs", "2"];
        (int code, _) = Run([.. options, "--folder", folder["single"]]);
        Assert.That(code, Is.Zero);

        using (Process master = Start([.. options, "--folder", folder["many"], "--workers", "2"]))
        {
            SpinWait.SpinUntil(() => Lines(folder["many"]).Length > 2 || master.HasExited, _limit);     // two trials have ended
            master.Kill();                  // the master alone: its workers end by themselves
            master.WaitForExit();
        }

        int kept = Lines(folder["many"]).Length - 1;
        (code, string output) = Run([.. options, "--folder", folder["many"], "--workers", "2", "--resume"]);
        Assert.That(code, Is.Zero, output);
        Assert.That(kept, Is.InRange(2, 8));
        Assert.That(output.Split('\n').Count(line => line.StartsWith("trial ", StringComparison.Ordinal)), Is.EqualTo(9 - kept), "no finished trial was repeated");
        Assert.That(Results(folder["many"]), Is.EqualTo(Results(folder["single"])));
        Assert.That(File.Exists(Path.Combine(folder["many"], "search.svg")));
    }

    // What does not depend on time: all but the seconds, in the order of the trials.
    private static string Results(string folder) => string.Join('\n', Lines(folder)[1..].Select(line => line[..line.IndexOf("\"seconds\"", StringComparison.Ordinal)]).Order());

    private static string[] Lines(string folder)
    {
        string path = Path.Combine(folder, "search.jsonl");
        return File.Exists(path) ? File.ReadAllLines(path) : [];
    }

    private static (int Code, string Output) Run(string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(_limit)) process.Kill(entireProcessTree: true);
        return (process.ExitCode, output + error.Result);
    }

    private static Process Start(string[] arguments)
        => Process.Start(new ProcessStartInfo("dotnet", [typeof(ExampleProgram).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
