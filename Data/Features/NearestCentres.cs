using System.Buffers;
using Gradwright.Kernels;

namespace Gradwright.Data;

/// <summary>
/// Finds the nearest of some centres for many vectors: of two equally near, the first. A matrix product tells which centres can be the nearest up to its rounding errors, and a distance
/// in <see cref="VectorMath"/> which of them is, so the answers are to the bit those of comparing all distances, on every processor.
/// </summary>
internal sealed unsafe class NearestCentres
{
    private const int Block = 512;                                  // vectors that a thread looks at together: one product
    private const double Unit = 1.0 / (1 << 24);                    // half of the distance from 1 to the next number

    private readonly ReadOnlyMemory<float> _centres;                // [clusters, dimension]
    private readonly int _dimension, _clusters;
    private readonly float[] _middle, _offsets, _squares;           // the centres' mean [dimension], the centres from there [clusters, dimension], their squared lengths [clusters]
    private readonly float _longest;                                // the largest of the squared lengths

    public NearestCentres(ReadOnlyMemory<float> centres, int dimension)
    {
        (_centres, _dimension, _clusters) = (centres, dimension, centres.Length / dimension);
        (_middle, _offsets, _squares) = (new float[dimension], new float[centres.Length], new float[_clusters]);
        double[] sums = new double[dimension];
        for (int i = 0; i < centres.Length; i++) sums[i % dimension] += centres.Span[i];
        for (int j = 0; j < dimension; j++) _middle[j] = (float)(sums[j] / _clusters);
        for (int k = 0; k < _clusters; k++)
        {
            Span<float> offset = _offsets.AsSpan(k * dimension, dimension);
            Offset(centres.Span.Slice(k * dimension, dimension), offset);
            _squares[k] = VectorMath.Dot(offset, offset);
            _longest = Math.Max(_longest, _squares[k]);
        }
    }

    /// <summary>The nearest centre of each vector and its squared distance.</summary>
    /// <param name="vectors">[count, dimension].</param>
    /// <param name="nearest">[count].</param>
    /// <param name="distances">[count].</param>
    public void FindAll(ReadOnlyMemory<float> vectors, int[] nearest, float[] distances)
        => Parallel.For(0, (nearest.Length + Block - 1) / Block, b =>
        {
            int first = b * Block, count = Math.Min(Block, nearest.Length - first);
            Find(vectors.Span.Slice(first * _dimension, count * _dimension), nearest.AsSpan(first, count), distances.AsSpan(first, count));
        });

    /// <summary>The same for a few vectors, on this thread.</summary>
    public void Find(ReadOnlySpan<float> vectors, Span<int> nearest, Span<float> distances)
    {
        int block = Math.Min(Block, nearest.Length);
        float[] offsets = ArrayPool<float>.Shared.Rent(block * _dimension), products = ArrayPool<float>.Shared.Rent(block * _clusters);
        for (int first = 0; first < nearest.Length; first += block)
        {
            int count = Math.Min(block, nearest.Length - first);
            for (int i = 0; i < count; i++) Offset(vectors.Slice((first + i) * _dimension, _dimension), offsets.AsSpan(i * _dimension, _dimension));
            Multiply(offsets, count, products);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> offset = offsets.AsSpan(i * _dimension, _dimension);
                nearest[first + i] = Nearest(vectors.Slice((first + i) * _dimension, _dimension), VectorMath.Dot(offset, offset), products.AsSpan(i * _clusters, _clusters), out distances[first + i]);
            }
        }

        ArrayPool<float>.Shared.Return(offsets);
        ArrayPool<float>.Shared.Return(products);
    }

    private void Offset(ReadOnlySpan<float> vector, Span<float> offset)
    {
        for (int j = 0; j < offset.Length; j++) offset[j] = vector[j] - _middle[j];
    }

    // products [count, clusters] = offsets [count, dimension] · centres' offsetsᵀ.
    private void Multiply(float[] offsets, int count, float[] products)
    {
        fixed (float* a = offsets, b = _offsets, c = products)
            Gemm.Run(new GemmArguments<float> { M = count, N = _clusters, K = _dimension, A = a, RowA = _dimension, ColA = 1, B = b, RowB = 1, ColB = _dimension, C = c, RowC = _clusters, ColC = 1 }, Gemm.OwnThread);
    }

    // |x − c|² is least where |c|² − 2·x·c is. Both of a pair, and the distances that decide, are off by less than the allowance (products of n terms by n roundings of their length),
    // so the nearest is among those that come within it.
    private int Nearest(ReadOnlySpan<float> vector, float square, Span<float> products, out float distance)
    {
        float least = float.PositiveInfinity;
        for (int k = 0; k < products.Length; k++)
        {
            products[k] = _squares[k] - 2 * products[k];
            if (products[k] < least) least = products[k];
        }

        float limit = (float)(least + 8 * (_dimension + 4) * Unit * (square + _longest));
        (int nearest, distance) = (0, float.PositiveInfinity);
        for (int k = 0; k < products.Length; k++)
        {
            if (products[k] > limit) continue;          // not where either is NaN
            float found = VectorMath.SquaredDistance(vector, _centres.Span.Slice(k * _dimension, _dimension));
            if (found < distance) (nearest, distance) = (k, found);
        }

        return nearest;
    }
}
