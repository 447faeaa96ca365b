using System.CommandLine;
using Gradwright.Examples.Cifar10;
using Gradwright.Examples.CriticalPoints;
using Gradwright.Examples.Devices;
using Gradwright.Examples.Digits;
using Gradwright.Examples.Examination;
using Gradwright.Examples.GradientCheck;
using Gradwright.Examples.Inspection;
using Gradwright.Examples.KernelList;
using Gradwright.Examples.Search;
using Gradwright.Examples.Pictures;
using Gradwright.Examples.SelfTest;
using Gradwright.Examples.Tabular;

namespace Gradwright.Examples;

/// <summary>One program, one command per topic. Every failure is one clear line and a non-zero exit code.</summary>
internal static class ExampleProgram
{
    private const int Failure = 1;
    private const int MostTypos = 3;

    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        Option<bool> verbose = new("--verbose") { Description = "Show where in the code an error comes from.", Recursive = true };
        RootCommand root = new("Gradwright: examples of training and checking neural networks.")
        {
            verbose,
            DigitsCommand.Create(output),
            TabularCommand.Create(output),
            PicturesCommand.Create(output),
            Cifar10Command.Create(output),
            GradientCheckCommand.Create(output),
            CriticalPointsCommand.Create(output),
            SearchCommand.Create(output),
            DoctorCommand.Create(output),
            InspectCommand.Create(output),
            DevicesCommand.Create(output),
            SelfTestCommand.Create(output),
            KernelsCommand.Create(output),
        };
        ParseResult parsed = root.Parse(args);
        try
        {
            if (parsed.Errors.Count == 0) return parsed.Invoke(new() { EnableDefaultExceptionHandler = false, Output = output, Error = error });
            if (args.Length == 0) root.Parse("--help").Invoke(new() { Output = output });
            foreach (string mistake in Mistakes(parsed)) error.WriteLine($"Error: {mistake}");
            error.WriteLine($"{(parsed.CommandResult.Command == root ? "" : $"{parsed.CommandResult.Command.Name} ")}--help lists what there is.");
        }
#pragma warning disable CA1031 // the last line of defence: whatever went wrong is told in its own words
        catch (Exception e)
#pragma warning restore CA1031
        {
            error.WriteLine(parsed.GetValue(verbose) ? $"Error: {e}" : $"Error: {e.Message}");
        }

        return Failure;
    }

    private static IEnumerable<string> Mistakes(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var unknown, ..]) return parsed.Errors.Select(mistake => mistake.Message);
        Command command = parsed.CommandResult.Command;
        IEnumerable<string> known = unknown.StartsWith('-') ? command.Options.Select(option => option.Name) : command.Subcommands.Select(sub => sub.Name);
        string? meant = known.MinBy(name => Distance(name, unknown)) is { } nearest && Distance(nearest, unknown) <= MostTypos ? nearest : null;
        string kind = unknown.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return [$"There is no {kind} '{unknown}'.{(meant is null ? "" : $" Did you mean {meant}?")}"];
    }

    /// <summary>How many characters must be inserted, deleted or replaced to turn one text into the other (Levenshtein 1966).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(diagonal + (a[i - 1] == b[j - 1] ? 0 : 1), 1 + Math.Min(row[j], row[j - 1])));
        }

        return row[^1];
    }
}
