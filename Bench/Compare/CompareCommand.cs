using System.CommandLine;
using System.Text.RegularExpressions;

namespace Gradwright.Bench;

/// <summary>The command <c>compare</c>.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Option<int> threads = new("--threads") { Description = "Threads of the worker pool", DefaultValueFactory = _ => WorkerPool.Shared.Threads };
        Option<string> groups = new("--group") { Description = "Groups, separated by commas", DefaultValueFactory = _ => "A,B,C,D,E,F,G" };
        Option<string> only = new("--only") { Description = "Cases whose names match this regular expression", DefaultValueFactory = _ => "" };
        Option<FileInfo?> output = new("--out") { Description = "Also append the lines to this file" };
        Option<double> budget = new("--budget") { Description = "Seconds of sampling per case", DefaultValueFactory = _ => 0.6 };
        Option<int> tries = new("--tries") { Description = "Measure up to so often while the machine is not quiet and steady", DefaultValueFactory = _ => 3 };
        Option<double> wait = new("--wait") { Description = "Seconds to spend on waiting for a quiet machine, in all", DefaultValueFactory = _ => 150 };
        Option<int> pass = new("--pass") { Description = "A number to tell rounds apart" };
        Option<bool> list = new("--list") { Description = "List the cases, also those whose ops do not exist yet" };
        Command command = new("compare", "The peers' cases: one line of JSON each, with the peers' names and fields.") { threads, groups, only, output, budget, tries, wait, pass, list };
        command.SetAction(parsed =>
        {
            HashSet<string> chosen = [.. parsed.GetValue(groups)!.Split(',', StringSplitOptions.TrimEntries)];
            Regex pattern = new(parsed.GetValue(only)!);
            IEnumerable<BenchCase> cases = BenchCases.All().Where(bench => chosen.Contains(bench.Group) && pattern.IsMatch(bench.Name));
            if (parsed.GetValue(list)) List(cases);
            else Run(cases, new(parsed.GetValue(threads), parsed.GetValue(pass), parsed.GetValue(budget), parsed.GetValue(tries), parsed.GetValue(wait)), parsed.GetValue(output));
        });
        return command;
    }

    private static void List(IEnumerable<BenchCase> cases)
    {
        foreach (BenchCase bench in cases)
            Console.WriteLine($"{bench.Group} {bench.Name} {(bench.Lacks is null ? bench.Parameters : $"(not yet: {bench.Lacks})")}");
    }

    private static void Run(IEnumerable<BenchCase> cases, CompareOptions options, FileInfo? output)
    {
        WorkerPool.SetThreads(options.Threads);
        using StreamWriter? file = output?.AppendText();
        Comparison comparison = new(options, line =>
        {
            Console.WriteLine(line);
            file?.WriteLine(line);
            file?.Flush();
        });
        foreach (BenchCase bench in cases)
            if (bench.Lacks is null) comparison.Run(bench);
    }
}
