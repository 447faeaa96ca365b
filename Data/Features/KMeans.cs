namespace Gradwright.Data;

/// <summary>
/// Centres of groups of vectors: each vector belongs to its nearest centre, each centre is the mean of its vectors (Lloyd 1982). The first centres are drawn far from each other, each the
/// best of several (greedy k-means++; Arthur and Vassilvitskii 2007), and of several starts the best is kept. The same seed gives the same centres, on any number of threads.
/// </summary>
/// <remarks>
/// Lloyd's iterations only ever improve, and end in the nearest optimum: groups that lie apart keep the centres that they were given. A good draw, and several, are what makes a bad optimum rare.
/// </remarks>
public sealed class KMeans
{
    private const string Format = "gradwright k-means";

    private readonly float[] _centres;          // [clusters, dimension]

    private KMeans(float[] centres, int dimension, double inertia, int iterations)
    {
        if (dimension < 1 || centres.Length == 0 || centres.Length % dimension != 0 || centres.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            throw new ArgumentException($"{centres.Length} numbers are no finite centres of {dimension} numbers each");
        (_centres, Dimension, Inertia, Iterations) = (centres, dimension, inertia, iterations);
    }

    /// <summary>Numbers of a vector.</summary>
    public int Dimension { get; }

    /// <summary>How many centres there are.</summary>
    public int Clusters => _centres.Length / Dimension;

    /// <summary>The squared distance of the vectors that were learned from to their centres, summed; NaN when loaded.</summary>
    public double Inertia { get; }

    /// <summary>How often the centres moved; 0 when loaded.</summary>
    public int Iterations { get; }

    /// <summary>A centre [dimension].</summary>
    public ReadOnlySpan<float> Centre(int cluster) => _centres.AsSpan(cluster * Dimension, Dimension);

    /// <summary>Finds centres.</summary>
    /// <param name="vectors">[count, dimension], of the training part only.</param>
    /// <param name="dimension">Numbers of a vector.</param>
    /// <param name="clusters">How many centres.</param>
    /// <param name="seed">The draws follow from it.</param>
    /// <param name="maxIterations">When to stop, if vectors still change their centre.</param>
    /// <param name="restarts">How many draws of first centres to fit from; the result with the smallest <see cref="Inertia"/> is kept.</param>
    /// <exception cref="ShapeException">The numbers are no whole vectors.</exception>
    /// <exception cref="ArgumentException">There are fewer different vectors than centres, or a number is not finite.</exception>
    public static KMeans Fit(ReadOnlyMemory<float> vectors, int dimension, int clusters, ulong seed, int maxIterations = 100, int restarts = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clusters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxIterations);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(restarts);
        if (vectors.Length % dimension != 0) throw new ShapeException($"KMeans: {vectors.Length} numbers are no whole vectors of {dimension}. Give them as rows [count, {dimension}].");
        int count = vectors.Length / dimension;
        if (count < clusters) throw new ArgumentException($"KMeans: {count} vectors cannot have {clusters} centres. Ask for fewer, or give more vectors.", nameof(clusters));
        if (vectors.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)) throw new ArgumentException("KMeans: expected finite numbers, but some are NaN or infinite.", nameof(vectors));

        Generator random = new(seed);
        KMeans best = FitOnce(vectors, dimension, clusters, random, maxIterations);
        for (int start = 1; start < restarts; start++)
            if (FitOnce(vectors, dimension, clusters, random.Fork((ulong)start), maxIterations) is var other && other.Inertia < best.Inertia) best = other;
        return best;
    }

    /// <summary>The number of the nearest centre; of two equally near, the first.</summary>
    /// <exception cref="ShapeException">The vector has another number of values.</exception>
    public int Nearest(ReadOnlySpan<float> vector) => vector.Length == Dimension ? Nearest(vector, out _)
        : throw new ShapeException($"{this}: a vector of {vector.Length} numbers is none of {Dimension}, which the centres have.");

    /// <summary>Writes a JSON file.</summary>
    public void Save(string path) => FittedFile.Write(path, Format, json =>
    {
        json.WriteNumber("dimension", Dimension);
        FittedFile.Numbers(json, "centres", _centres);
    });

    /// <summary>Reads what <see cref="Save"/> wrote, to the same bits.</summary>
    /// <exception cref="FittedFileException">The file is damaged, or another one.</exception>
    public static KMeans Load(string path) => FittedFile.Read(path, Format, json => Restore(FittedFile.Floats(json, "centres"), json.GetProperty("dimension").GetInt32()));

    public override string ToString() => $"KMeans({Clusters} centres of {Dimension} numbers)";

    internal ReadOnlyMemory<float> Centres => _centres;

    internal static KMeans Restore(float[] centres, int dimension) => new(centres, dimension, double.NaN, 0);

    private int Nearest(ReadOnlySpan<float> vector, out float distance)
    {
        (int nearest, distance) = (0, float.PositiveInfinity);
        for (int k = 0; k < Clusters; k++)
        {
            float d = VectorMath.SquaredDistance(vector, Centre(k));
            if (d < distance) (nearest, distance) = (k, d);
        }

        return nearest;
    }

    // From one draw of centres until no vector changes its centre.
    private static KMeans FitOnce(ReadOnlyMemory<float> vectors, int dimension, int clusters, Generator random, int maxIterations)
    {
        int count = vectors.Length / dimension;
        float[] centres = CentreDraws.Of(vectors, dimension, clusters, random), distances = new float[count];
        (int[] nearest, int[] before) = (new int[count], new int[count]);
        Array.Fill(before, -1);
        for (int iterations = 0; ; iterations++)
        {
            new NearestCentres(centres, dimension).FindAll(vectors, nearest, distances);
            if (iterations == maxIterations || nearest.AsSpan().SequenceEqual(before)) return new(centres, dimension, distances.Sum(d => (double)d), iterations);
            Move(centres, dimension, vectors, nearest, distances);
            (nearest, before) = (before, nearest);
        }
    }

    // Each centre becomes the mean of its vectors, summed in their order. One that has none moves to the vector that is farthest from its own.
    private static void Move(float[] centres, int dimension, ReadOnlyMemory<float> vectors, int[] nearest, float[] distances)
    {
        List<int>[] members = [.. Enumerable.Range(0, centres.Length / dimension).Select(_ => new List<int>())];
        for (int i = 0; i < nearest.Length; i++) members[nearest[i]].Add(i);
        Parallel.For(0, members.Length, k =>
        {
            double[] sums = new double[dimension];
            foreach (int i in members[k])
            {
                ReadOnlySpan<float> vector = vectors.Span.Slice(i * dimension, dimension);
                for (int j = 0; j < vector.Length; j++) sums[j] += vector[j];
            }

            Span<float> centre = centres.AsSpan(k * dimension, dimension);
            if (members[k].Count > 0)
                for (int j = 0; j < centre.Length; j++) centre[j] = (float)(sums[j] / members[k].Count);
        });
        foreach (int k in Enumerable.Range(0, members.Length).Where(k => members[k].Count == 0))
        {
            int farthest = Array.IndexOf(distances, distances.Max());
            vectors.Span.Slice(farthest * dimension, dimension).CopyTo(centres.AsSpan(k * dimension));
            distances[farthest] = 0;
        }
    }
}
