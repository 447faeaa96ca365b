using System.Diagnostics;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>This test program again, in a process of its own: with other environment variables, a part of the tests.</summary>
internal static class ChildRun
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs the tests that a filter selects and fails if they do not pass.</summary>
    /// <param name="filter">As on the command line: <c>FullyQualifiedName~Optim</c>.</param>
    /// <param name="environment">Variables to set; null removes one.</param>
    /// <returns>What the child printed.</returns>
    public static List<string> Expect(string filter, params (string Name, string? Value)[] environment)
    {
        using Process child = new() { StartInfo = TestProgram.Again(TestProgram.Select(filter)) };
        foreach ((string name, string? value) in environment) child.StartInfo.Environment[name] = value;
        List<string> lines = [];
        child.OutputDataReceived += (_, line) => { lock (lines) lines.Add(line.Data ?? ""); };
        child.ErrorDataReceived += (_, line) => { lock (lines) lines.Add(line.Data ?? ""); };
        child.Start();
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        if (!child.WaitForExit(_limit))
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail($"{filter}: no end after {_limit.TotalMinutes} minutes.\n{Tail(lines)}");
        }

        child.WaitForExit();
        Assert.That(child.ExitCode, Is.Zero, Tail(lines));
        return lines;
    }

    private static string Tail(List<string> lines)
    {
        lock (lines) return string.Join('\n', lines.TakeLast(60));
    }
}
