using System.CommandLine;
using Gradwright.Bench;

// compare: the peers' cases, one JSON line each. report: the engine and its peers in turns. micro: BenchmarkDotNet, which parses its own arguments.
if (args is ["micro", ..]) return MicroCommand.Run(args[1..]);

RootCommand root = new("Benchmarks of Gradwright.") { CompareCommand.Create(), ReportCommand.Create(), MicroCommand.Create() };
return root.Parse(args).Invoke();
