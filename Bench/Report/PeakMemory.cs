using System.Globalization;
using System.Text.Json.Nodes;

namespace Gradwright.Bench;

/// <summary>The most resident memory of a process that takes one training step after the other, beside one that trains next to nothing.</summary>
internal static class PeakMemory
{
    private const string Case = "train_resnet18_224_b4", Nothing = "train_tinymlp_2_16_16_1_b8";

    public static IEnumerable<Measurement> Of(IEnumerable<Contender> contenders)
    {
        foreach (Contender contender in contenders)
        {
            (long idle, _) = Peak(contender, Nothing);
            (long peak, string line) = Peak(contender, Case);
            JsonObject json = JsonNode.Parse(line)!.AsObject();
            (json["instructions"], json["peak_bytes"], json["idle_bytes"]) = (nameof(InstructionSet.Native), peak, idle);
            yield return new(json);
        }
    }

    /// <summary>The last measurement of each contender as a table.</summary>
    public static IEnumerable<string> Table(IEnumerable<Measurement> measurements)
    {
        yield return $"## Peak memory of a step: {Case}\n";
        yield return "Resident memory of a fresh process at its peak (`VmHWM`), MB; the second column is the same program training a network of 300 parameters: libraries and run-time.\n";
        yield return "| | peak | idle | difference |\n|---|---|---|---|";
        foreach (Measurement line in measurements.GroupBy(line => line.Profile).Select(own => own.Last()))
        {
            double peak = Megabytes(line, "peak_bytes"), idle = Megabytes(line, "idle_bytes");
            yield return $"| {line.Profile} | {peak:F0} | {idle:F0} | {peak - idle:F0} |";
        }
    }

    private static double Megabytes(Measurement line, string field) => double.Parse(line.Json[field]!.ToJsonString(), CultureInfo.InvariantCulture) / 1e6;

    private static (long Bytes, string Line) Peak(Contender contender, string name)
    {
        using ContenderProcess process = new(contender, new HashSet<string> { name });
        string line = process.Run(name).First();
        return (process.PeakBytes, line);
    }
}
