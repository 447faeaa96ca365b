using System.CommandLine;
using System.Text.RegularExpressions;

namespace Gradwright.Bench;

/// <summary>The command <c>report</c>.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo> peers = new("--peers") { Description = "The folder with torch_bench.py and ort_bench.cjs (PEERS_WORK, if set, tells them where their libraries are)", Required = true };
        Option<FileInfo> output = new("--out") { Description = "The report", DefaultValueFactory = _ => new("Bench/results/cpu.md") };
        Option<FileInfo> file = new("--lines") { Description = "Where all lines are kept; what stands there already belongs to the report", DefaultValueFactory = _ => new("out/report.jsonl") };
        Option<int> rounds = new("--rounds") { Description = "Rounds of all cases; 0 only writes the report again", DefaultValueFactory = _ => 3 };
        Option<int> repeats = new("--repeats") { Description = "Further rounds, at most, of the cases that were disturbed", DefaultValueFactory = _ => 2 };
        Option<int[]> threads = new("--threads") { Description = "Thread counts", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [2, 1] };
        Option<string> only = new("--only") { Description = "Cases whose names match this regular expression", DefaultValueFactory = _ => "" };
        Option<double> budget = new("--budget") { Description = "Seconds of sampling per turn", DefaultValueFactory = _ => 0.3 };
        Option<bool> avx2 = new("--avx2") { Description = "Hold everybody to AVX2" };
        Option<bool> memory = new("--memory") { Description = "Measure the peak memory of a ResNet-18 step instead" };
        Option<string> python = new("--python") { Description = "The Python that has PyTorch", DefaultValueFactory = _ => "python3" };
        Command command = new("report", "Measures the engine and its peers in turns, case by case, and writes a report.") { peers, output, file, rounds, repeats, threads, only, budget, avx2, memory, python };
        command.SetAction(parsed =>
        {
            if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("report holds processes by Linux' signals: it runs on Linux only. compare runs everywhere.");
            InstructionSet instructions = parsed.GetValue(avx2) ? InstructionSet.Avx2 : InstructionSet.Native;
            Contenders contenders = new(parsed.GetValue(peers)!, parsed.GetValue(python)!, parsed.GetValue(budget));
            List<Measurement> all = Read(parsed.GetValue(file)!);
            using (StreamWriter lines = parsed.GetValue(file)!.AppendText())
            {
                void Write(Measurement line)
                {
                    all.Add(line);
                    lines.WriteLine(line);
                    lines.Flush();
                }

                if (parsed.GetValue(memory))
                {
                    foreach (Measurement line in PeakMemory.Of([contenders.EngineAs("gradwright", 2, instructions), contenders.EngineAs("gradwright_captured", 2, instructions), contenders.Peer("stock", 2), contenders.Peer("tuned", 2)])) Write(line);
                }
                else
                {
                    Regex pattern = new(parsed.GetValue(only)!);
                    string[] cases = [.. BenchCases.All().Select(bench => bench.Name).Distinct().Where(name => pattern.IsMatch(name))];
                    Contender[] taking = [.. parsed.GetValue(threads)!.SelectMany(count => contenders.All(count, instructions))];
                    Measure(new(taking, instructions, Write, Console.Error), cases, parsed.GetValue(rounds), parsed.GetValue(repeats));
                }
            }

            File.WriteAllText(parsed.GetValue(output)!.FullName, ReportText.Of(all));
        });
        return command;
    }

    private static void Measure(Rounds measuring, string[] cases, int rounds, int repeats)
    {
        HashSet<string> disturbed = [];
        for (int i = 0; i < rounds; i++) disturbed.UnionWith(measuring.Run(cases));
        for (int i = 0; i < repeats && disturbed.Count > 0; i++) disturbed = measuring.Run([.. cases.Where(disturbed.Contains)]);
    }

    private static List<Measurement> Read(FileInfo file)
    {
        file.Directory!.Create();
        return file.Exists ? [.. File.ReadLines(file.FullName).Select(Measurement.Parse)] : [];
    }
}
