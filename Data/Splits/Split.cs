namespace Gradwright.Data;

/// <summary>
/// Cuts sample numbers into parts: to train, to choose settings with, and to judge by once, at the end. Parts follow from the seed alone; every sample is
/// in exactly one, in a random order.
/// </summary>
/// <example><code>
/// long[][] parts = Split.Stratified(pictures.Labels, [4, 1, 1], seed: 1);
/// var (train, validation, test) = (new SubsetDataset(pictures, parts[0]), new SubsetDataset(pictures, parts[1]), new SubsetDataset(pictures, parts[2]));
/// </code></example>
public static class Split
{
    /// <summary>Parts of samples at random.</summary>
    /// <param name="count">Number of samples.</param>
    /// <param name="shares">How large the parts are in relation to each other; [4, 1, 1] gives two thirds and two sixths.</param>
    /// <param name="seed">What the parts follow from.</param>
    /// <exception cref="ArgumentException">A share is not positive, or there are fewer samples than parts.</exception>
    public static long[][] Random(long count, ReadOnlySpan<double> shares, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        long[] all = new long[count];
        for (int i = 0; i < all.Length; i++) all[i] = i;
        Stream(seed).Shuffle(all.AsSpan());
        return Cut([all], shares, seed);
    }

    /// <summary>Parts in which every class has the same share, but for roundings, which are made good among the classes.</summary>
    /// <param name="labels">The class of each sample.</param>
    /// <inheritdoc cref="Random"/>
    /// <param name="shares">How large the parts are in relation to each other.</param>
    /// <param name="seed">What the parts follow from.</param>
    public static long[][] Stratified(ReadOnlySpan<int> labels, ReadOnlySpan<double> shares, ulong seed) => Cut(LabelGroups.Shuffled(labels, Stream(seed)), shares, seed);

    // Each group is shared out by itself; what rounding takes from a part in one group it gets in a later one, so that the whole is shared rightly too.
    private static long[][] Cut(long[][] groups, ReadOnlySpan<double> shares, ulong seed)
    {
        long count = groups.Sum(g => (long)g.Length);
        double total = 0;
        foreach (double share in shares) total = share > 0 && double.IsFinite(share) ? total + share : double.NaN;
        if (shares.IsEmpty || double.IsNaN(total) || count < shares.Length)
            throw new ArgumentException($"Split: expected positive shares and at least as many samples as parts, but " +
                $"[{string.Join(", ", shares.ToArray())}] of {count} samples were asked for.");
        List<long>[] parts = [.. Enumerable.Range(0, shares.Length).Select(_ => new List<long>())];
        double[] owed = new double[shares.Length];          // how many samples each part should have got by now, less those it got
        foreach (long[] group in groups)
        {
            int[] sizes = Sizes(group.Length, shares, total, owed);
            int at = 0;
            for (int part = 0; part < sizes.Length; at += sizes[part++]) parts[part].AddRange(group.AsSpan(at, sizes[part]));
        }
        for (int empty = 0; empty < parts.Length; empty++)      // of few samples a small share may be none
            if (parts[empty].Count == 0)
            {
                List<long> largest = parts.MaxBy(p => p.Count)!;
                parts[empty].Add(largest[^1]);
                largest.RemoveAt(largest.Count - 1);
            }
        Generator random = Stream(seed).Fork("parts");
        return [.. parts.Select(part =>
        {
            long[] shuffled = [.. part];
            random.Shuffle(shuffled.AsSpan());
            return shuffled;
        })];
    }

    // Whole numbers with the right sum; the samples that rounding down leaves go to the parts that are owed most.
    private static int[] Sizes(int count, ReadOnlySpan<double> shares, double total, double[] owed)
    {
        int[] sizes = new int[shares.Length];
        int left = count;
        for (int part = 0; part < sizes.Length; part++)
        {
            double exact = count * shares[part] / total;
            left -= sizes[part] = (int)exact;
            owed[part] += exact - sizes[part];
        }
        for (; left > 0; left--)
        {
            int part = Array.IndexOf(owed, owed.Max());
            sizes[part]++;
            owed[part]--;
        }
        return sizes;
    }

    private static Generator Stream(ulong seed) => new Generator(seed).Fork("split");
}
