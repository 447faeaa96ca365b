using System.CommandLine;
using Gradwright.Bench;

// compare: the peers' cases, one JSON line each. report: the engine and its peers in turns. micro: BenchmarkDotNet, which parses its own arguments.
if (args is ["micro", ..]) return MicroCommand.Run(args[1..]);

RootCommand root = new("Benchmarks of Gradwright.") { CompareCommand.Create(), ReportCommand.Create(), MicroCommand.Create() };
try
{
    return root.Parse(args).Invoke(new() { EnableDefaultExceptionHandler = false });
}
#pragma warning disable CA1031 // the last line of defence: whatever went wrong is told in its own words
catch (Exception e)
#pragma warning restore CA1031
{
    Console.Error.WriteLine($"Error: {e.Message}");
    return 1;
}
