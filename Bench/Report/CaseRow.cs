namespace Gradwright.Bench;

/// <summary>One case at one thread count: the engine's ways to run it and the peers'.</summary>
internal sealed class CaseRow
{
    private readonly IReadOnlyList<Measurement> _lines;

    /// <param name="name">The case.</param>
    /// <param name="lines">All its lines. The steady ones count; where a contender has none, all of its own.</param>
    public CaseRow(string name, IReadOnlyList<Measurement> lines)
    {
        Name = name;
        _lines = [.. lines.Where(line => line.Error is null).GroupBy(line => (line.Profile, line.Variant)).SelectMany(way => way.Any(line => line.IsSteady) ? way.Where(line => line.IsSteady) : way)];
        Engine = BestOf(_lines.Where(line => IsEngine(line.Profile)));
        Peer = BestOf(_lines.Where(line => !IsEngine(line.Profile)));
    }

    public string Name { get; }

    /// <summary>The fastest way of the engine, and of all peers; null if there is none.</summary>
    public Timing? Engine { get; }

    public Timing? Peer { get; }

    /// <summary>How many times faster the engine is: by the best times of both, and by their medians.</summary>
    public double Ratio => Peer!.Fastest / Engine!.Fastest;

    public double MedianRatio => Peer!.Median / Engine!.Median;

    /// <summary>Rounds that count for the engine.</summary>
    public int Rounds => _lines.Count(line => line.Profile == "gradwright");

    /// <summary>What the engine reaches of the machine's limit: operations or bytes per second, and the part of what was probed around its turns. "" where neither is counted.</summary>
    public string Rate
    {
        get
        {
            Measurement[] engine = [.. _lines.Where(line => IsEngine(line.Profile))];
            double flops = engine.Max(line => line.Flops), bytes = engine.Max(line => line.Bytes), seconds = Engine!.Fastest;
            if (flops > 0) return Share(flops / seconds / 1e9, engine.Average(line => (line.Before.Gflops + line.After.Gflops) / 2), "GF/s");
            return bytes > 0 ? Share(bytes / seconds / 1e9, engine.Average(line => (line.Before.GBs + line.After.GBs) / 2), "GB/s") : "";
        }
    }

    /// <summary>The fastest variant of a profile; null if it was not measured.</summary>
    public Timing? Of(string profile) => BestOf(_lines.Where(line => line.Profile == profile));

    private static bool IsEngine(string profile) => profile.StartsWith("gradwright", StringComparison.Ordinal);

    private static string Share(double rate, double limit, string unit) => $"{rate:F0} {unit} ({rate / limit:P0})";

    private static Timing? BestOf(IEnumerable<Measurement> lines)
        => lines.GroupBy(line => (line.Profile, line.Variant)).Select(way => new Timing(way.Key.Variant, way.Min(line => line.Fastest), Middle([.. way.Select(line => line.Median)]))).MinBy(way => way.Fastest);

    private static double Middle(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
