namespace Gradwright;

/// <summary>
/// Gives every temporary block of a step its place in one arena. Blocks that are never used at the same time may overlap: the largest go first, each to the lowest
/// gap that is free for as long as the block lives.
/// </summary>
internal sealed class MemoryPlan
{
    private const long Alignment = 64;      // a cache line and the widest vector

    /// <summary>Places the blocks.</summary>
    /// <param name="blocks">Those that are to lie in the arena.</param>
    public MemoryPlan(IEnumerable<RecordedBlock> blocks)
    {
        RecordedBlock[] all = [.. blocks];
        List<RecordedBlock> placed = [];
        foreach (RecordedBlock block in all.OrderByDescending(block => block.Length).ThenBy(block => block.First))
        {
            block.Place = LowestGap(block, placed);
            placed.Insert(placed.FindIndex(other => other.Place > block.Place) is var i and >= 0 ? i : placed.Count, block);
            ArenaBytes = Math.Max(ArenaBytes, block.Place + Padded(block.Length));
            TotalBytes += block.Length;
        }

        PeakBytes = Peak(all);
    }

    /// <summary>Bytes of the arena.</summary>
    public long ArenaBytes { get; }

    /// <summary>The most bytes that are needed at one time: no plan can do with less.</summary>
    public long PeakBytes { get; }

    /// <summary>Bytes of all blocks together: what they would take without sharing.</summary>
    public long TotalBytes { get; }

    private static long Padded(long length) => (length + Alignment - 1) & -Alignment;

    private static long LowestGap(RecordedBlock block, List<RecordedBlock> placed)
    {
        long place = 0;
        foreach (RecordedBlock other in placed)
        {
            if (other.Last < block.First || other.First > block.Last) continue;
            if (place + Padded(block.Length) <= other.Place) break;
            place = Math.Max(place, other.Place + Padded(other.Length));
        }

        return place;
    }

    private static long Peak(RecordedBlock[] blocks)
    {
        long live = 0, peak = 0;
        // At one moment, what begins comes before what ends: an op's operands and results are there together.
        IEnumerable<(int Time, bool Ends, long Bytes)> events = [.. blocks.Select(block => (block.First, false, block.Length)), .. blocks.Select(block => (block.Last, true, -block.Length))];
        foreach ((_, _, long bytes) in events.Order())
        {
            live += bytes;
            peak = Math.Max(peak, live);
        }

        return peak;
    }
}
