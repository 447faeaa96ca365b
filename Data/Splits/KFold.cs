namespace Gradwright.Data;

/// <summary>
/// K-fold cross-validation: the samples are cut into k parts of equal size (but for one sample), and each part validates once what was trained on the
/// others.
/// </summary>
/// <example><code>
/// foreach (Fold fold in KFold.Stratified(data.Labels, k: 5, seed: 1))
/// {
///     (SubsetDataset train, SubsetDataset validation) = fold.Of(data);
/// }
/// </code></example>
public static class KFold
{
    /// <summary>Parts of samples at random.</summary>
    /// <param name="count">Number of samples.</param>
    /// <param name="k">Number of parts, at least 2; 5 and 10 are usual.</param>
    /// <param name="seed">What the parts follow from.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 parts, or fewer samples than parts.</exception>
    public static Fold[] Random(long count, int k, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        long[] all = new long[count];
        for (int i = 0; i < all.Length; i++) all[i] = i;
        Stream(seed).Shuffle(all.AsSpan());
        return Deal([all], k);
    }

    /// <summary>Parts in which every class occurs equally often, but for one sample.</summary>
    /// <param name="labels">The class of each sample.</param>
    /// <param name="k">Number of parts, at least 2; no class may have fewer samples.</param>
    /// <param name="seed">What the parts follow from.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 parts, or a class has fewer samples than there are parts.</exception>
    public static Fold[] Stratified(ReadOnlySpan<int> labels, int k, ulong seed)
    {
        long[][] groups = LabelGroups.Shuffled(labels, Stream(seed));
        if (Array.Find(groups, g => g.Length < k) is { } small)
            throw new ArgumentException($"KFold: expected at least {k} samples of each class for {k} parts, but class {labels[(int)small[0]]} " +
                $"has {small.Length}. Use fewer parts, or KFold.Random.", nameof(labels));
        return Deal(groups, k);
    }

    // Like cards: the next group goes on where the last one ended, so that the parts' sizes stay equal too.
    private static Fold[] Deal(long[][] groups, int k)
    {
        int count = groups.Sum(g => g.Length);
        if (k < 2 || count < k) throw new ArgumentException($"KFold: expected at least 2 parts and as many samples, but {k} parts of {count} " +
            "samples were asked for.", nameof(k));
        List<long>[] parts = [.. Enumerable.Range(0, k).Select(_ => new List<long>())];
        int next = 0;
        foreach (long[] group in groups)
            foreach (long sample in group) parts[next++ % k].Add(sample);
        return [.. parts.Select((part, i) => new Fold([.. parts.Where((_, j) => j != i).SelectMany(p => p)], part))];
    }

    private static Generator Stream(ulong seed) => new Generator(seed).Fork("folds");
}
