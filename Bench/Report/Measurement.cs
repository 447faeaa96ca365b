using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gradwright.Bench;

/// <summary>A line of a contender, with what the machine could do around its turn.</summary>
/// <param name="Json">The line, as it is kept in the file.</param>
internal sealed partial record Measurement(JsonObject Json)
{
    // Reading memory swings more than the FMA peak on a shared machine, and cases that fit the cache do not see it.
    private const double SteadyFlops = 0.1, SteadyBandwidth = 0.25, QuietOthers = 0.2;

    // Nanoseconds to another processor and back: 90 to 270 where both lie behind one last-level cache, 650 and more where they do not.
    private const double Together = 400;

    /// <summary>The names of ways to run the same case: the fastest of them is what a user would take.</summary>
    [GeneratedRegex("_(foreach|chlast|jitopt)$")]
    private static partial Regex Way();

    public string Name => Text("name");
    public string Case => Way().Replace(Name, "");
    public string Variant => Way().Match(Name) is { Success: true } way ? way.Groups[1].Value : "";
    public string Profile => Text("profile");
    public int Threads => (int)Number("threads");
    public InstructionSet Instructions => Enum.Parse<InstructionSet>(Text("instructions"));
    public string? Error => (string?)Json["error"];
    public double Median => Number("median");
    public double Fastest => Number("min");
    public double Flops => Number("gflops") * Median * 1e9;
    public double Bytes => Number("gbs") * Median * 1e9;
    public MachineSpeed Before => new(Number("fma_before"), Number("read_before"), Number("handover_before"));
    public MachineSpeed After => new(Number("fma_after"), Number("read_after"), Number("handover_after"));

    /// <summary>
    /// Nobody else was at work, the processors had one last-level cache, as they mostly have, and the machine kept its speed: within 10 % of its FMA peak (25 % of its
    /// bandwidth where only that counts).
    /// </summary>
    public bool IsSteady => Number("other") <= QuietOthers && Math.Max(Before.Handover, After.Handover) <= Together && MachineSpeed.Change(Before.Gflops, After.Gflops) <= SteadyFlops && (Bytes == 0 || MachineSpeed.Change(Before.GBs, After.GBs) <= SteadyBandwidth);

    public static Measurement Of(string line, InstructionSet instructions, MachineSpeed before, MachineSpeed after)
    {
        JsonObject json = JsonNode.Parse(line)!.AsObject();
        json["instructions"] = instructions.ToString();
        (json["fma_before"], json["read_before"], json["handover_before"]) = (before.Gflops, before.GBs, before.Handover);
        (json["fma_after"], json["read_after"], json["handover_after"]) = (after.Gflops, after.GBs, after.Handover);
        return new(json);
    }

    public static Measurement Parse(string line) => new(JsonNode.Parse(line)!.AsObject());

    public override string ToString() => Json.ToJsonString();

    private string Text(string field) => (string?)Json[field] ?? throw new FormatException($"A line has no field '{field}': {Json.ToJsonString()}");

    private double Number(string field) => Json[field]?.GetValueKind() == JsonValueKind.Number ? (double)Json[field]! : 0;
}
