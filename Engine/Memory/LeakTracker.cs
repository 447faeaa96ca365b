using System.Diagnostics;

namespace Gradwright;

/// <summary>A place in the code and what it allocated that is still alive.</summary>
/// <param name="Site">Method, and file and line where symbols are at hand.</param>
/// <param name="Blocks">Live blocks.</param>
/// <param name="Bytes">Their size.</param>
public sealed record AllocationSite(string Site, int Blocks, long Bytes);

/// <summary>Remembers for each live block the first caller outside the engine's own assemblies.</summary>
internal sealed class LeakTracker
{
    private readonly Dictionary<MemoryBuffer, string> _sites = new(ReferenceEqualityComparer.Instance);

    public void Add(MemoryBuffer buffer) => _sites[buffer] = CallSite();
    public void Remove(MemoryBuffer buffer) => _sites.Remove(buffer);

    public IReadOnlyList<AllocationSite> Report()
        => [.. _sites.GroupBy(entry => entry.Value)
            .Select(group => new AllocationSite(group.Key, group.Count(), group.Sum(entry => entry.Key.Length)))
            .OrderByDescending(site => site.Bytes)];

    // Text alone is parsed, so that trimming keeps working: "   at Namespace.Type.Method(args) in file:line n".
    private static string CallSite()
    {
        string[] frames = new StackTrace(2, fNeedFileInfo: true).ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string? frame = frames.FirstOrDefault(IsUserCode) ?? frames.LastOrDefault();
        return frame is null ? "unknown" : frame.StartsWith("at ", StringComparison.Ordinal) ? frame[3..] : frame;
    }

    private static bool IsUserCode(string frame)
        => !frame.StartsWith("at Gradwright.", StringComparison.Ordinal)
        || frame.StartsWith("at Gradwright.Tests.", StringComparison.Ordinal)
        || frame.StartsWith("at Gradwright.Examples.", StringComparison.Ordinal)
        || frame.StartsWith("at Gradwright.Bench.", StringComparison.Ordinal);
}
