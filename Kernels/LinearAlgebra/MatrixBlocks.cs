using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Factorisations and triangular systems on the CPU, of row-major matrices, in blocks: the work on a block of <see cref="Block"/> rows or columns goes element by
/// element, what follows from it for the rest of the matrix is a matrix product.
/// </summary>
internal static unsafe class MatrixBlocks<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Block = 32;

    /// <summary>Replaces a [n, n] by its factors: PA = LU with row i of PA being row order[i] of A, |L| ≤ 1 below a diagonal of ones that is not stored, and U above it.</summary>
    /// <param name="a">The matrix.</param>
    /// <param name="n">Its side.</param>
    /// <param name="order">Receives the rows' order.</param>
    /// <param name="isOdd">Whether an odd number of rows changed places.</param>
    /// <returns>False if a pivot is 0: the matrix is singular.</returns>
    [MethodImpl(HotLoop.Options)]
    public static bool Lu(T* a, int n, long* order, out bool isOdd)
    {
        bool regular = true;
        isOdd = false;
        for (int i = 0; i < n; i++) order[i] = i;
        for (int start = 0; start < n; start += Block)
        {
            int end = Math.Min(n, start + Block);
            for (int k = start; k < end; k++)
            {
                int pivot = k;
                for (int i = k + 1; i < n; i++)
                    if (T.Abs(a[(long)i * n + k]) > T.Abs(a[(long)pivot * n + k])) pivot = i;
                if (pivot != k)
                {
                    Swap(a + (long)k * n, a + (long)pivot * n, n);
                    (order[k], order[pivot]) = (order[pivot], order[k]);
                    isOdd = !isOdd;
                }

                T diagonal = a[(long)k * n + k];
                if (diagonal == T.Zero)
                {
                    regular = false;
                    continue;
                }

                for (int i = k + 1; i < n; i++)
                {
                    T factor = a[(long)i * n + k] /= diagonal;
                    SubtractRow(a + (long)i * n + k + 1, a + (long)k * n + k + 1, factor, end - k - 1);
                }
            }

            if (end == n) break;
            Solve(a + (long)start * n + start, n, 1, end - start, true, true, a + (long)start * n + end, n, n - end);
            SubtractProduct(a + (long)end * n + start, n, 1, a + (long)start * n + end, n, 1, a + (long)end * n + end, n, n - end, n - end, end - start);
        }

        return regular;
    }

    /// <summary>Replaces the lower triangle of a [n, n] by L with A = LLᵀ; what is above the diagonal is not read, and set to 0.</summary>
    /// <returns>False if A is not positive definite.</returns>
    [MethodImpl(HotLoop.Options)]
    public static bool Cholesky(T* a, int n)
    {
        for (int start = 0; start < n; start += Block)
        {
            // The block's columns, row by row: what earlier blocks contribute has been subtracted.
            int end = Math.Min(n, start + Block);
            for (int i = start; i < n; i++)
            {
                T* row = a + (long)i * n;
                for (int j = start; j < Math.Min(i + 1, end); j++)
                {
                    T* other = a + (long)j * n;
                    T sum = row[j];
                    for (int k = start; k < j; k++) sum -= row[k] * other[k];
                    if (i > j) row[j] = sum / other[j];
                    else if (sum > T.Zero) row[j] = T.Sqrt(sum);
                    else return false;
                }
            }

            for (int column = end; column < n; column += Block)
            {
                int width = Math.Min(Block, n - column);
                SubtractProduct(a + (long)column * n + start, n, 1, a + (long)column * n + start, 1, n, a + (long)column * n + column, n, n - column, width, end - start);
            }
        }

        for (int i = 0; i < n; i++) new Span<T>(a + (long)i * n + i + 1, n - i - 1).Clear();
        return true;
    }

    /// <summary>Solves T X = B for a triangular T [n, n] of any strides; x [n, m] holds B and becomes X.</summary>
    /// <param name="t">The matrix; its other triangle is not read.</param>
    /// <param name="rowStep">Distance of its rows.</param>
    /// <param name="columnStep">Distance of its columns.</param>
    /// <param name="n">Its side.</param>
    /// <param name="lower">Which triangle.</param>
    /// <param name="unit">Its diagonal is taken as ones, and not read.</param>
    /// <param name="x">Right sides.</param>
    /// <param name="stepX">Distance of their rows.</param>
    /// <param name="m">Their number.</param>
    [MethodImpl(HotLoop.Options)]
    public static void Solve(T* t, nint rowStep, nint columnStep, int n, bool lower, bool unit, T* x, nint stepX, int m)
    {
        for (int done = 0; done < n; done += Block)
        {
            // The next block of rows, from above or from below, then what it contributes to those that remain.
            int start = lower ? done : Math.Max(0, n - done - Block), end = lower ? Math.Min(n, done + Block) : n - done;
            for (int k = start; k < end; k++)
            {
                int i = lower ? k : end - 1 - (k - start);
                T* row = x + i * stepX;
                for (int j = lower ? start : i + 1; j < (lower ? i : end); j++) SubtractRow(row, x + j * stepX, t[i * rowStep + j * columnStep], m);
                if (unit) continue;
                T diagonal = t[i * (rowStep + columnStep)];
                for (int j = 0; j < m; j++) row[j] /= diagonal;
            }

            int rest = lower ? end : 0, count = lower ? n - end : start;
            if (count > 0) SubtractProduct(t + rest * rowStep + start * columnStep, rowStep, columnStep, x + start * stepX, stepX, 1, x + rest * stepX, stepX, count, m, end - start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SubtractRow(T* y, T* x, T factor, int n)
    {
        int j = 0;
        Vector<T> factors = new(factor);
        for (; j <= n - Vector<T>.Count; j += Vector<T>.Count) Vector.Store(Vector.Load(y + j) - factors * Vector.Load(x + j), y + j);
        for (; j < n; j++) y[j] -= factor * x[j];
    }

    /// <summary>C [m, n] −= A [m, k] · B [k, n]: B is negated into a buffer, so that the product adds.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void SubtractProduct(T* a, nint rowA, nint columnA, T* b, nint rowB, nint columnB, T* c, nint rowC, int m, int n, int k)
    {
        T[] buffer = ArrayPool<T>.Shared.Rent(k * n);
        fixed (T* negative = buffer)
        {
            for (int i = 0; i < k; i++)
                for (int j = 0; j < n; j++) negative[i * n + j] = -b[i * rowB + j * columnB];
            Gemm.Run(new GemmArguments<T>
            {
                M = m, N = n, K = k, A = a, RowA = rowA, ColA = columnA, B = negative, RowB = n, ColB = 1, C = c, RowC = rowC, ColC = 1, Accumulate = true, Batch = 1,
            });
        }

        ArrayPool<T>.Shared.Return(buffer);
    }

    private static void Swap(T* first, T* second, int n)
    {
        for (int j = 0; j < n; j++) (first[j], second[j]) = (second[j], first[j]);
    }
}
