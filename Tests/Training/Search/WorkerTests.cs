using System.Diagnostics;
using Gradwright.Examples;
using Gradwright.Tests.Data;
using Gradwright.Training;
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

    [Test]
    public void A_worker_that_dies_takes_only_its_trial_with_it()
    {
        // A worker that speaks the protocol: it ends trial 1 by a signal, and the others with a score.
        const string Script = @"printf '\n\001gradwright-search ready\n'; while read trial rest; do if [ $trial = 1 ]; then echo 'out of memory' >&2; kill -9 $$; fi;"
            + @" printf '\n\001gradwright-search report 0.25\n\001gradwright-search finished 0.5\n'; done";
        using TemporaryFolder folder = new();
        SearchResult result = Search(folder, Script);
        Assert.That(result.Trials.Select(trial => trial.State), Is.EqualTo(new[] { TrialState.Finished, TrialState.Failed, TrialState.Finished, TrialState.Finished }));
        Assert.That(result.Trials[1].Message, Does.Contain("ended with code 137").And.Contain("out of memory"));
        Assert.That(result.Trials[2].Reports, Is.EqualTo(new[] { 0.25 }));
        Assert.That(File.ReadAllText(folder["trial-0001/output.txt"]), Is.EqualTo("out of memory\n"));
        Assert.That(Search(folder, "exit 1").Trials.Select(trial => trial.Message), Is.EqualTo(result.Trials.Select(trial => trial.Message)), "all is known, no worker is started");
    }

    [Test]
    public void A_worker_that_never_comes_to_the_search_is_explained()
    {
        using TemporaryFolder folder = new();
        Assert.That(() => Search(folder, "echo no such data >&2; exit 2"), Throws.InvalidOperationException.With.Message.Contains("did not come to the search: its process ended with code 2, after saying: no such data"));
    }

    private static SearchResult Search(TemporaryFolder folder, string script)
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("The scripts are for a POSIX shell.");
        SearchSpace space = new();
        space.Uniform("a", 0, 1);
        return new HyperparameterSearch(space, SearchStrategy.Random(4)) { Folder = folder.Path, Workers = 2, WorkerProgram = new("sh", ["-c", script]) }.Run(_ => throw new InvalidOperationException("not here"));
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
