using System.Buffers;
using Gradwright.Kernels;

namespace Gradwright.Data;

/// <summary>
/// Draws the first centres of a <see cref="KMeans"/>: the first is any vector; each further one the best of several vectors that are drawn with a probability in proportion to their squared
/// distance from the centres so far: the one that leaves the smallest sum of distances (greedy k-means++; Arthur and Vassilvitskii 2007, with 2 + ln k draws).
/// </summary>
internal sealed unsafe class CentreDraws
{
    private const int Block = 512;                  // vectors that a thread looks at together: one product

    private readonly ReadOnlyMemory<float> _vectors;
    private readonly int _dimension, _count, _blocks;
    private readonly float[] _distances;            // of each vector to its nearest centre so far, squared
    private readonly float[] _middle, _squares;     // the vectors' mean [dimension], and their squared distances from it [count]

    private CentreDraws(ReadOnlyMemory<float> vectors, int dimension)
    {
        (_vectors, _dimension, _count) = (vectors, dimension, vectors.Length / dimension);
        (_blocks, _distances, _middle, _squares) = ((_count + Block - 1) / Block, new float[_count], new float[dimension], new float[_count]);
        Array.Fill(_distances, float.PositiveInfinity);
        double[] sums = new double[dimension];
        for (int i = 0; i < _count; i++)
            for (int j = 0; j < dimension; j++) sums[j] += Vector(i)[j];
        for (int j = 0; j < dimension; j++) _middle[j] = (float)(sums[j] / _count);
        Parallel.For(0, _count, i => _squares[i] = VectorMath.SquaredDistance(Vector(i), _middle));
    }

    /// <summary>Centres [clusters, dimension], all different.</summary>
    /// <exception cref="ArgumentException">There are not as many different vectors.</exception>
    public static float[] Of(ReadOnlyMemory<float> vectors, int dimension, int clusters, Generator random)
    {
        CentreDraws draws = new(vectors, dimension);
        float[] centres = new float[clusters * dimension];
        int chosen = (int)random.Next(draws._count);
        for (int k = 0; ; k++)
        {
            draws.Vector(chosen).CopyTo(centres.AsSpan(k * dimension));
            if (k == clusters - 1) return centres;
            draws.Take(chosen);
            double total = draws._distances.Sum(d => (double)d);
            if (total <= 0)
                throw new ArgumentException($"KMeans: only {k + 1} of the {draws._count} vectors differ, which cannot have {clusters} centres. Ask for fewer.", nameof(clusters));
            int[] drawn = [.. Enumerable.Range(0, 2 + (int)Math.Log(clusters)).Select(_ => draws.Draw(random.NextDouble() * total))];
            double[] left = draws.Left(drawn);
            chosen = drawn[Array.IndexOf(left, left.Min())];
        }
    }

    private ReadOnlySpan<float> Vector(int i) => _vectors.Span.Slice(i * _dimension, _dimension);

    private void Take(int centre) => Parallel.For(0, _blocks, b =>
    {
        for (int i = b * Block; i < Math.Min(_count, (b + 1) * Block); i++) _distances[i] = Math.Min(_distances[i], VectorMath.SquaredDistance(Vector(i), Vector(centre)));
    });

    private int Draw(double left)
    {
        for (int i = 0; i < _count; i++)
        {
            left -= _distances[i];
            if (left < 0) return i;
        }

        return Array.FindLastIndex(_distances, d => d > 0);         // where rounding leaves a rest after all
    }

    // For each candidate the sum of distances with it as one more centre, from |x − c|² = |x|² + |c|² − 2·x·c around the middle. Sums are those of blocks, added in order, so they do not
    // depend on the threads.
    private double[] Left(int[] candidates)
    {
        int tries = candidates.Length;
        float[] offsets = new float[tries * _dimension];
        for (int c = 0; c < tries; c++) Offset(candidates[c], offsets.AsSpan(c * _dimension, _dimension));
        double[] sums = new double[_blocks * tries];
        Parallel.For(0, _blocks, b =>
        {
            int first = b * Block, count = Math.Min(Block, _count - first);
            float[] own = ArrayPool<float>.Shared.Rent(count * _dimension), products = ArrayPool<float>.Shared.Rent(count * tries);
            for (int i = 0; i < count; i++) Offset(first + i, own.AsSpan(i * _dimension, _dimension));
            fixed (float* x = own, y = offsets, p = products)
                Gemm.Run(new GemmArguments<float> { M = count, N = tries, K = _dimension, A = x, RowA = _dimension, ColA = 1, B = y, RowB = 1, ColB = _dimension, C = p, RowC = tries, ColC = 1 }, Gemm.OwnThread);
            for (int i = 0; i < count; i++)
                for (int c = 0; c < tries; c++)
                    sums[b * tries + c] += Math.Min(_distances[first + i], Math.Max(0, _squares[first + i] + _squares[candidates[c]] - 2 * products[i * tries + c]));
            ArrayPool<float>.Shared.Return(own);
            ArrayPool<float>.Shared.Return(products);
        });
        return [.. Enumerable.Range(0, tries).Select(c => Enumerable.Range(0, _blocks).Sum(b => sums[b * tries + c]))];
    }

    private void Offset(int vector, Span<float> offset)
    {
        ReadOnlySpan<float> x = Vector(vector);
        for (int j = 0; j < offset.Length; j++) offset[j] = x[j] - _middle[j];
    }
}
