namespace Gradwright.Data;

/// <summary>
/// Centres of groups of vectors: each vector belongs to its nearest centre, each centre is the mean of its vectors (Lloyd 1982). The first centres are drawn far from each other
/// (k-means++; Arthur and Vassilvitskii 2007). The same seed gives the same centres, on any number of threads.
/// </summary>
/// <remarks>A draw can leave two centres in one group for good. Where that matters, fit with several seeds and keep the smallest <see cref="Inertia"/>.</remarks>
public sealed class KMeans
{
    private const string Format = "gradwright k-means";
    private const int Block = 1024;             // vectors that a thread assigns at a time

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
    /// <exception cref="ShapeException">The numbers are no whole vectors.</exception>
    /// <exception cref="ArgumentException">There are fewer different vectors than centres, or a number is not finite.</exception>
    public static KMeans Fit(ReadOnlyMemory<float> vectors, int dimension, int clusters, ulong seed, int maxIterations = 100)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clusters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxIterations);
        if (vectors.Length % dimension != 0) throw new ShapeException($"KMeans: {vectors.Length} numbers are no whole vectors of {dimension}. Give them as rows [count, {dimension}].");
        int count = vectors.Length / dimension;
        if (count < clusters) throw new ArgumentException($"KMeans: {count} vectors cannot have {clusters} centres. Ask for fewer, or give more vectors.", nameof(clusters));
        if (vectors.Span.ContainsAnyExceptInRange(float.MinValue, float.MaxValue)) throw new ArgumentException("KMeans: expected finite numbers, but some are NaN or infinite.", nameof(vectors));

        KMeans means = new(Seeds(vectors, dimension, clusters, new Generator(seed)), dimension, double.NaN, 0);
        (int[] nearest, float[] distances) = (new int[count], new float[count]);
        Array.Fill(nearest, -1);
        int iterations = 0;
        while (means.Assign(vectors, nearest, distances) && iterations < maxIterations)
        {
            means.Move(vectors, nearest, distances);
            iterations++;
        }

        return new(means._centres, dimension, distances.Sum(d => (double)d), iterations);
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

    internal ReadOnlySpan<float> Centres => _centres;

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

    // The first centre is any vector; each further one a vector drawn with a probability proportional to its squared distance from the centres so far.
    private static float[] Seeds(ReadOnlyMemory<float> vectors, int dimension, int clusters, Generator random)
    {
        int count = vectors.Length / dimension;
        float[] centres = new float[clusters * dimension], distances = new float[count];
        Array.Fill(distances, float.PositiveInfinity);
        int chosen = (int)random.Next(count);
        for (int k = 0; ; k++)
        {
            vectors.Span.Slice(chosen * dimension, dimension).CopyTo(centres.AsSpan(k * dimension));
            if (k == clusters - 1) return centres;
            int newest = k * dimension;
            Parallel.For(0, count, i => distances[i] = Math.Min(distances[i],
                VectorMath.SquaredDistance(vectors.Span.Slice(i * dimension, dimension), centres.AsSpan(newest, dimension))));
            double total = distances.Sum(d => (double)d);
            if (total <= 0)
                throw new ArgumentException($"KMeans: only {k + 1} of the {count} vectors differ, which cannot have {clusters} centres. Ask for fewer.", nameof(clusters));
            double left = random.NextDouble() * total;
            chosen = Array.FindLastIndex(distances, d => d > 0);        // where rounding leaves a rest after all
            for (int i = 0; i < count; i++)
            {
                left -= distances[i];
                if (left >= 0) continue;
                chosen = i;
                break;
            }
        }
    }

    // Whether a vector changed its centre.
    private bool Assign(ReadOnlyMemory<float> vectors, int[] nearest, float[] distances)
    {
        int changes = 0;
        Parallel.For(0, Blocks(nearest.Length), b =>
        {
            int own = 0;
            for (int i = b * Block; i < Math.Min(nearest.Length, (b + 1) * Block); i++)
            {
                int found = Nearest(vectors.Span.Slice(i * Dimension, Dimension), out distances[i]);
                if (found != nearest[i]) own++;
                nearest[i] = found;
            }

            Interlocked.Add(ref changes, own);
        });
        return changes > 0;
    }

    // A centre that no vector is nearest to moves to the vector that is farthest from its own.
    private void Move(ReadOnlyMemory<float> vectors, int[] nearest, float[] distances)
    {
        (double[] sums, long[] counts) = (new double[_centres.Length], new long[Clusters]);
        ReadOnlySpan<float> all = vectors.Span;
        for (int i = 0; i < nearest.Length; i++)
        {
            counts[nearest[i]]++;
            Span<double> sum = sums.AsSpan(nearest[i] * Dimension, Dimension);
            ReadOnlySpan<float> vector = all.Slice(i * Dimension, Dimension);
            for (int j = 0; j < vector.Length; j++) sum[j] += vector[j];
        }

        for (int k = 0; k < Clusters; k++)
        {
            Span<float> centre = _centres.AsSpan(k * Dimension, Dimension);
            if (counts[k] > 0)
            {
                for (int j = 0; j < centre.Length; j++) centre[j] = (float)(sums[k * Dimension + j] / counts[k]);
                continue;
            }

            int farthest = Array.IndexOf(distances, distances.Max());
            all.Slice(farthest * Dimension, Dimension).CopyTo(centre);
            distances[farthest] = 0;
        }
    }

    private static int Blocks(int count) => (count + Block - 1) / Block;
}
