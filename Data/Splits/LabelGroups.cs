namespace Gradwright.Data;

/// <summary>The samples of each class, in a random order that follows from a generator.</summary>
internal static class LabelGroups
{
    /// <summary>One array of sample numbers per label that occurs, in the order of the labels.</summary>
    public static long[][] Shuffled(ReadOnlySpan<int> labels, Generator random)
    {
        SortedDictionary<int, List<long>> groups = [];
        for (int i = 0; i < labels.Length; i++)
        {
            if (!groups.TryGetValue(labels[i], out List<long>? group)) groups.Add(labels[i], group = []);
            group.Add(i);
        }
        long[][] shuffled = [.. groups.Values.Select(g => g.ToArray())];
        foreach (long[] group in shuffled) random.Shuffle(group.AsSpan());
        return shuffled;
    }
}
