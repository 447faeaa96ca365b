using System.Runtime.Intrinsics;

namespace Gradwright.Data;

/// <summary>Products of a symmetric matrix and vectors that read only its upper triangle: each element is used for its row and its column, because memory is what such a product waits for.</summary>
internal sealed class SymmetricProduct(int n)
{
    private const int Parts = 8, Rows = 32;         // sums that are kept apart, however many threads there are; rows that a part takes at a time, a multiple of 4

    private readonly double[] _sums = new double[Parts * n];

    /// <summary>y = A·x for the part of a matrix [n, n] from a row and column on.</summary>
    public unsafe void Run(double[] matrix, int from, ReadOnlySpan<double> x, Span<double> y)
    {
        fixed (double* a = matrix, factors = x, sums = _sums)
        {
            (nint at, nint by, nint into) = ((nint)a, (nint)factors, (nint)sums);       // a lambda captures no pointer
            int blocks = (n - from + Rows - 1) / Rows;
            if (blocks <= Parts)
                for (int part = 0; part < blocks; part++) Add(part, (double*)at, from, (double*)by, (double*)into);
            else Parallel.For(0, Parts, part => Add(part, (double*)at, from, (double*)by, (double*)into));
            _sums.AsSpan(0, y.Length).CopyTo(y);
            for (int part = 1; part < Math.Min(Parts, blocks); part++) DoubleMath.AddScaled(y, 1, _sums.AsSpan(part * n, y.Length));
        }
    }

    private unsafe void Add(int part, double* a, int from, double* x, double* sums)
    {
        int m = n - from;
        double* y = sums + (nint)part * n;
        new Span<double>(y, m).Clear();
        for (int block = part * Rows; block < m; block += Parts * Rows)
        {
            int end = Math.Min(m, block + Rows), i = block;
            for (; i <= end - 4; i += 4) AddFour(a + (nint)(from + i) * n + from, i, m, x, y);
            for (; i < end; i++) AddOne(a + (nint)(from + i) * n + from, i, m, i + 1, x, y);
        }
    }

    // Rows i … i + 3: their triangle on the diagonal by itself, then all columns to the right of it.
    private unsafe void AddFour(double* a, int i, int m, double* x, double* y)
    {
        double* b = a + n, c = b + n, d = c + n;
        AddOne(a, i, i + 4, i + 1, x, y);
        AddOne(b, i + 1, i + 4, i + 2, x, y);
        AddOne(c, i + 2, i + 4, i + 3, x, y);
        AddOne(d, i + 3, i + 4, i + 4, x, y);
        (double p, double q, double r, double s) = (x[i], x[i + 1], x[i + 2], x[i + 3]);
        Vector256<double> sumA = default, sumB = default, sumC = default, sumD = default;
        int k = i + 4;
        for (; k <= m - 4; k += 4)
        {
            Vector256<double> ak = Vector256.Load(a + k), bk = Vector256.Load(b + k), ck = Vector256.Load(c + k), dk = Vector256.Load(d + k), xk = Vector256.Load(x + k);
            sumA += ak * xk;
            sumB += bk * xk;
            sumC += ck * xk;
            sumD += dk * xk;
            (Vector256.Load(y + k) + (ak * p + bk * q) + (ck * r + dk * s)).Store(y + k);
        }

        y[i] += Vector256.Sum(sumA);
        y[i + 1] += Vector256.Sum(sumB);
        y[i + 2] += Vector256.Sum(sumC);
        y[i + 3] += Vector256.Sum(sumD);
        for (; k < m; k++)
        {
            y[i] += a[k] * x[k];
            y[i + 1] += b[k] * x[k];
            y[i + 2] += c[k] * x[k];
            y[i + 3] += d[k] * x[k];
            y[k] += a[k] * p + b[k] * q + (c[k] * r + d[k] * s);
        }
    }

    // Row i: its element on the diagonal, and columns k … end − 1.
    private static unsafe void AddOne(double* a, int i, int end, int k, double* x, double* y)
    {
        y[i] += a[i] * x[i];
        for (; k < end; k++)
        {
            y[i] += a[k] * x[k];
            y[k] += a[k] * x[i];
        }
    }
}
