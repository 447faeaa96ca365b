using System.Globalization;
using System.Runtime.InteropServices;

namespace Gradwright.Bench;

/// <summary>The report: a table per thread count and instruction set, each under its sums.</summary>
internal static class ReportText
{
    private const string Best = "best (median)";

    public static string Of(IReadOnlyList<Measurement> all)
    {
        Measurement[] timings = [.. all.Where(line => !IsMemory(line))], memory = [.. all.Where(IsMemory)];
        List<string> text = [.. Head(timings)];
        foreach (var table in timings.GroupBy(line => (line.Instructions, line.Threads)).OrderBy(table => table.Key.Instructions).ThenByDescending(table => table.Key.Threads))
            text.AddRange(Table($"{table.Key.Threads} thread{(table.Key.Threads == 1 ? "" : "s")}{(table.Key.Instructions == InstructionSet.Avx2 ? ", AVX2 only" : "")}", [.. table]));
        if (memory.Length > 0) text.AddRange(["", .. PeakMemory.Table(memory)]);
        return string.Join('\n', text) + "\n";
    }

    private static bool IsMemory(Measurement line) => line.Json.ContainsKey("peak_bytes");

    private static IEnumerable<string> Head(Measurement[] lines)
    {
        MachineSpeed[] wide = [.. lines.Where(line => line.Instructions == InstructionSet.Native && line.Threads == lines.Max(other => other.Threads)).SelectMany(line => (MachineSpeed[])[line.Before, line.After])];
        yield return "# CPU: the engine and its peers\n";
        yield return $"{Processor()}, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}, {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.";
        yield return "Made by `Bench -- report`: all contenders take turns at each case, one at a time, the others held by the system; around every turn the machine's FMA peak, read";
        yield return "bandwidth and the way between its processors are probed; disturbed turns, and those in which the processors had no cache in common, count only where a contender has no other. Times are milliseconds, the best call and the median of the rounds' medians. \"stock\" is PyTorch 1.13 as";
        yield return "Debian installs it, \"tuned\" the same with AVX-512 kernels in OpenBLAS and ATen, one thread pool and a malloc without page faults, \"ort\" ONNX Runtime. A peer's variants of a case";
        yield return "(`foreach`, `chlast`: channels last, `jitopt`: frozen and optimised) are one row: the fastest counts, and so it is with the engine's: eager, captured, compiled. \"Ratio\" is the";
        yield return "fastest peer's time divided by the engine's. The rate is the engine's, in brackets the part of what the probes gave: Winograd's algorithm passes the FMA peak (it takes";
        yield return "fewer products than are counted), operands that the caches hold pass the memory's bandwidth.";
        if (wide.Length > 0) yield return $"\nProbes: {Range(wide.Select(speed => speed.Gflops))} GFLOP/s, {Range(wide.Select(speed => speed.GBs))} GB/s (lowest, median, highest).";
    }

    private static IEnumerable<string> Table(string title, Measurement[] lines)
    {
        string[] peers = [.. new[] { "stock", "tuned", "ort" }.Where(profile => lines.Any(line => line.Profile == profile))];
        CaseRow[] rows = [.. lines.GroupBy(line => line.Case).Select(line => new CaseRow(line.Key, [.. line])).Where(row => row.Engine is not null && row.Peer is not null)];
        if (rows.Length == 0) yield break;
        CaseRow[] behind = [.. rows.Where(row => row.Ratio < 1)];
        yield return $"\n## {title}\n";
        yield return $"{rows.Length} cases, geometric mean of the ratios {GeometricMean(rows.Select(row => row.Ratio)):F2} (of the medians {GeometricMean(rows.Select(row => row.MedianRatio)):F2}), {rows.Min(row => row.Rounds)} to {rows.Max(row => row.Rounds)} rounds."
            + (behind.Length == 0 ? " The engine is ahead in all." : $" The peer is ahead in {behind.Length}: {string.Join(", ", behind.OrderBy(row => row.Ratio).Select(row => $"{row.Name} {row.Ratio:F2}"))}.");
        yield return $"\n| case | {string.Join("", peers.Select(peer => $"{peer} {Best} | "))}engine {Best} | captured or compiled | ratio | of the medians | rate |";
        yield return $"|---|{string.Concat(Enumerable.Repeat("---|", peers.Length))}---|---|---|---|---|";
        foreach (CaseRow row in rows)
            yield return $"| {row.Name} | {string.Join("", peers.Select(peer => $"{row.Of(peer)} | "))}{row.Of("gradwright")} | {row.Of("gradwright_captured")} | {row.Ratio:F2} | {row.MedianRatio:F2} | {row.Rate} |";
        foreach (Measurement failed in lines.Where(line => line.Error is not null).DistinctBy(line => (line.Name, line.Profile))) yield return $"\n{failed.Name}, {failed.Profile}: {failed.Error}";
    }

    private static double GeometricMean(IEnumerable<double> ratios) => Math.Exp(ratios.Average(Math.Log));

    private static string Range(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return $"{sorted[0]:F0}, {sorted[sorted.Length / 2]:F0}, {sorted[^1]:F0}";
    }

    private static string Processor()
    {
        string? name = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return name?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
