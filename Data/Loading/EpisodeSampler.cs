namespace Gradwright.Data;

/// <summary>
/// Draws the tasks of few-shot learning (Vinyals et al. 2016): for each episode some classes, of each class a few samples to learn from (the support) and others to be judged by (the
/// queries). Each batch of a loader with batches of <see cref="EpisodeSize"/> is an episode: the support [ways · shots], class by class, and then the queries [ways · queries], class by class.
/// Like every sampler it follows from the loader's seed and the epoch, so an interrupted loader goes on in the middle of an episode.
/// </summary>
/// <example><code>
/// var episodes = new EpisodeSampler(background.Labels, ways: 5, shots: 1, queries: 15, episodes: 1000);
/// using var loader = new DataLoader(background, episodes.EpisodeSize, shuffleSeed: 1, sampler: episodes);
/// foreach ((Tensor x, _) in loader)
/// {
///     (Tensor support, Tensor queries) = episodes.Parts(x);       // [5, 1, 28, 28] with the labels episodes.SupportLabels, [75, 1, 28, 28] with episodes.QueryLabels
/// }
/// </code></example>
public sealed class EpisodeSampler : Sampler
{
    private readonly long[][] _classes;         // the samples of each class
    private readonly long[] _supportLabels, _queryLabels;

    /// <summary>Draws episodes.</summary>
    /// <param name="labels">The class of each sample of the data set.</param>
    /// <param name="ways">Classes of an episode.</param>
    /// <param name="shots">Samples of each class to learn from.</param>
    /// <param name="queries">Other samples of each class to be judged by.</param>
    /// <param name="episodes">Episodes in an epoch.</param>
    /// <exception cref="ArgumentException">There are fewer classes than ways, or a class has fewer samples than an episode takes of it.</exception>
    public EpisodeSampler(ReadOnlySpan<int> labels, int ways, int shots, int queries, long episodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ways);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shots);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(queries);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodes);
        int[] all = labels.ToArray();
        long perClass = (long)shots + queries;
        (Ways, Shots, Queries, DatasetCount, EpisodeSize) = (ways, shots, queries, all.Length, checked((int)(ways * perClass)));
        Count = checked(episodes * EpisodeSize);
        IGrouping<int, long>[] groups = [.. Enumerable.Range(0, all.Length).GroupBy(i => all[i], i => (long)i).OrderBy(group => group.Key)];
        if (groups.Length < ways) throw new ArgumentException($"EpisodeSampler: episodes of {ways} classes need as many, but the samples have {groups.Length}. Use fewer ways.", nameof(ways));
        if (Array.Find(groups, group => group.Count() < perClass) is { } small)
            throw new ArgumentException($"EpisodeSampler: an episode takes {shots} + {queries} samples of a class, but class {small.Key} has {small.Count()}. Use fewer shots or queries, or leave such classes out.", nameof(labels));
        _classes = [.. groups.Select(group => group.ToArray())];
        _supportLabels = [.. Enumerable.Range(0, ways * shots).Select(i => (long)(i / shots))];
        _queryLabels = [.. Enumerable.Range(0, ways * queries).Select(i => (long)(i / queries))];
    }

    /// <summary>Classes of an episode.</summary>
    public int Ways { get; }

    /// <summary>Samples of each class to learn from.</summary>
    public int Shots { get; }

    /// <summary>Samples of each class to be judged by.</summary>
    public int Queries { get; }

    /// <summary>Samples of an episode, ways · (shots + queries): what a loader's batches have to have.</summary>
    public int EpisodeSize { get; }

    /// <summary>The support's classes within an episode, [ways · shots]: 0, …, 0, 1, …; the same in all.</summary>
    public ReadOnlySpan<long> SupportLabels => _supportLabels;

    /// <summary>The queries' classes within an episode, [ways · queries].</summary>
    public ReadOnlySpan<long> QueryLabels => _queryLabels;

    public override long Count { get; }

    public override long DatasetCount { get; }

    /// <summary>The two parts of an episode's inputs, or targets: [ways · shots, …] and [ways · queries, …].</summary>
    /// <exception cref="ShapeException">It is no whole episode.</exception>
    public (Tensor Support, Tensor Queries) Parts(Tensor episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        if (episode.Shape.Rank == 0 || episode.Shape[0] != EpisodeSize)
            throw new ShapeException($"EpisodeSampler: an episode has {EpisodeSize} samples ({Ways} classes of {Shots} + {Queries}), but the batch is {episode.Shape}. Use a loader with batches of EpisodeSize.");
        return (episode.Slice(0, 0, _supportLabels.Length), episode.Slice(0, _supportLabels.Length, _queryLabels.Length));
    }

    public override void Fill(Span<long> order, Generator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        long[][] classes = [.. _classes.Select(samples => samples.ToArray())];      // drawn from the front, so that any order is as good as the first
        int support = Ways * Shots;
        for (; !order.IsEmpty; order = order[EpisodeSize..])
        {
            Draw(classes.AsSpan(), Ways, random);
            for (int way = 0; way < Ways; way++)
            {
                Span<long> samples = classes[way];
                Draw(samples, Shots + Queries, random);
                samples[..Shots].CopyTo(order[(way * Shots)..]);
                samples.Slice(Shots, Queries).CopyTo(order[(support + way * Queries)..]);
            }
        }
    }

    // The first so many of all in an order at random.
    private static void Draw<T>(Span<T> items, int count, Generator random)
    {
        for (int i = 0; i < count; i++)
        {
            int drawn = i + (int)random.Next(items.Length - i);
            (items[i], items[drawn]) = (items[drawn], items[i]);
        }
    }
}
