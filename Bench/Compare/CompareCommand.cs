using System.CommandLine;
using System.CommandLine.Parsing;
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
        Option<string?> profile = new("--profile") { Description = "Only this way to run the cases: gradwright (eager) or gradwright_captured" };
        Option<FileInfo?> output = new("--out") { Description = "Also append the lines to this file" };
        Option<double> budget = new("--budget") { Description = "Seconds of sampling per case", DefaultValueFactory = _ => 0.6 };
        Option<int> tries = new("--tries") { Description = "Measure up to so often while the machine is not quiet and steady", DefaultValueFactory = _ => 3 };
        Option<double> wait = new("--wait") { Description = "Seconds to spend on waiting for a quiet machine, in all", DefaultValueFactory = _ => 150 };
        Option<int> pass = new("--pass") { Description = "A number to tell rounds apart" };
        Option<string?> accelerator = new("--accelerator") { Description = "Run on this device instead of the default: cpu, cuda:0, opencl:0" };
        Option<bool> noProbe = new("--no-probe") { Description = "Do not measure the machine's limits around each case" };
        Option<bool> list = new("--list") { Description = "List the cases" };
        Command command = new("compare", "The peers' cases: one line of JSON each, with the peers' names and fields.") { threads, groups, only, profile, output, budget, tries, wait, pass, accelerator, noProbe, list };
        threads.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out int count) && count is >= 1 and <= WorkerPool.MaxThreads)) result.AddError($"--threads takes a whole number from 1 to {WorkerPool.MaxThreads}, not '{token.Value}'.");
        });
        groups.Validators.Add(result =>
        {
            string[] known = [.. BenchCases.All().Select(bench => bench.Group).Distinct()];
            foreach (string group in result.Tokens.SelectMany(token => Groups(token.Value)).Except(known)) result.AddError($"There is no group '{group}'. There are {string.Join(", ", known)}.");
        });
        only.Validators.Add(result =>
        {
            try
            {
                foreach (Token token in result.Tokens) _ = new Regex(token.Value);
            }
            catch (RegexParseException e)
            {
                result.AddError($"--only is no regular expression: {e.Message}");
            }
        });
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(accelerator) is { } name) Accelerator.Default = Accelerator.Open(name);
            HashSet<string> chosen = [.. Groups(parsed.GetValue(groups)!)];
            Regex pattern = new(parsed.GetValue(only)!);
            BenchCase[] cases = [.. BenchCases.All().Where(bench => chosen.Contains(bench.Group) && pattern.IsMatch(bench.Name) && (parsed.GetValue(profile) ?? bench.Profile) == bench.Profile)];
            // No failure: a script goes through all groups with one pattern.
            if (cases.Length == 0) Console.Error.WriteLine($"No case of the groups {string.Join(", ", chosen)} has a name that matches '{pattern}'. compare --list shows all.");
            if (parsed.GetValue(list)) List(cases);
            else Run(cases, new(parsed.GetValue(threads), parsed.GetValue(pass), parsed.GetValue(budget), parsed.GetValue(tries), parsed.GetValue(wait), !parsed.GetValue(noProbe)), parsed.GetValue(output));
        });
        return command;
    }

    private static string[] Groups(string text) => text.Split(',', StringSplitOptions.TrimEntries);

    private static void List(IEnumerable<BenchCase> cases)
    {
        foreach (BenchCase bench in cases)
            Console.WriteLine($"{bench.Group} {bench.Name}{(bench.Profile == "gradwright" ? "" : $" [{bench.Profile}]")} {bench.Parameters}");
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
        foreach (BenchCase bench in cases) comparison.Run(bench);
    }
}
