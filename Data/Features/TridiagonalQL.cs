using System.Runtime.Intrinsics;

namespace Gradwright.Data;

/// <summary>
/// Eigenvalues and eigenvectors of a symmetric tridiagonal matrix by implicit QL iterations (Bowdler, Martin, Reinsch and Wilkinson 1968). Their rotations of the vectors, which are nearly all
/// of the work, are collected and then applied to strips of the vectors, each of which stays in a cache, on all cores.
/// </summary>
internal sealed unsafe class TridiagonalQL
{
    private const int Width = 16;                               // elements of each vector in a strip
    private const int MostRotations = 1 << 17, MostIterations = 100;
    private const double Precision = 1.0 / (1L << 52);          // the distance from 1 to the next number

    private readonly int _n;
    private readonly double[] _d, _e;                           // the diagonal, and beside it
    private readonly double[] _strips;                          // [strips, n vectors, width]
    private readonly List<(int Low, int High, int At)> _sweeps = [];     // rotations of vectors high − 1 and high, down to low and low + 1, and where they are kept
    private readonly (double Cosine, double Sine)[] _rotations;
    private readonly double _negligible;                        // what couples no elements: the matrix is not known any better
    private int _kept;

    private TridiagonalQL(double[] diagonal, double[] beside)
    {
        (_n, _d, _e) = (diagonal.Length, diagonal, beside);
        for (int i = 0; i < _n; i++) _negligible = Math.Max(_negligible, Precision * (Math.Abs(_d[i]) + Math.Abs(_e[i])));
        int strips = (_n + Width - 1) / Width;
        _strips = new double[(long)strips * _n * Width];
        _rotations = new (double, double)[MostRotations + _n];
        for (int i = 0; i < _n; i++) _strips[(long)(i / Width * _n + i) * Width + i % Width] = 1;
    }

    /// <summary>Solves, and sorts.</summary>
    /// <param name="diagonal">[n]; becomes the eigenvalues, largest first.</param>
    /// <param name="beside">[n]: element i couples i and i + 1; the last counts for nothing. Overwritten.</param>
    /// <param name="count">How many vectors are asked for.</param>
    /// <returns>Vectors of length 1 [count, n].</returns>
    /// <exception cref="ArithmeticException">An element is not finite, so that no iteration ends.</exception>
    public static double[] Solve(double[] diagonal, double[] beside, int count)
    {
        TridiagonalQL solver = new(diagonal, beside);
        for (int low = 0; low < solver._n; low++) solver.Converge(low);
        solver.Rotate();
        int[] order = [.. Enumerable.Range(0, solver._n)];
        Array.Sort(order, (i, j) => diagonal[j].CompareTo(diagonal[i]) is not 0 and var sign ? sign : i.CompareTo(j));
        double[] vectors = new double[count * solver._n];
        Parallel.For(0, count, v =>
        {
            for (int from = 0; from < solver._n; from += Width)
                solver._strips.AsSpan((from / Width * solver._n + order[v]) * Width, Math.Min(Width, solver._n - from)).CopyTo(vectors.AsSpan(v * solver._n + from));
        });
        double[] sorted = [.. order.Select(i => diagonal[i])];
        sorted.CopyTo(diagonal, 0);
        return vectors;
    }

    // Until nothing couples element low to those after it.
    private void Converge(int low)
    {
        for (int iteration = 0; ; iteration++)
        {
            int high = low;
            while (high < _n - 1 && !(Math.Abs(_e[high]) <= _negligible)) high++;
            if (high == low) return;
            if (iteration == MostIterations) throw new ArithmeticException($"eigenvalue {low} of {_n} was not found within {MostIterations} iterations. Are all numbers finite?");
            Sweep(low, high);
            if (_kept >= MostRotations) Rotate();
        }
    }

    // One implicit QL step with Wilkinson's shift on elements low … high.
    private void Sweep(int low, int high)
    {
        int at = _kept, last = low;
        double g = (_d[low + 1] - _d[low]) / (2 * _e[low]), shifted = 0, cosine = 1, sine = 1;
        g = _d[high] - _d[low] + _e[low] / (g + Math.CopySign(double.Hypot(g, 1), g));
        for (int i = high - 1; i >= low; i--)
        {
            double f = sine * _e[i], b = cosine * _e[i], r = double.Hypot(f, g);
            _e[i + 1] = r;
            if (r == 0)                     // it falls into two parts
            {
                _d[i + 1] -= shifted;
                last = i + 1;
                break;
            }

            (sine, cosine) = (f / r, g / r);
            g = _d[i + 1] - shifted;
            r = (_d[i] - g) * sine + 2 * cosine * b;
            shifted = sine * r;
            _d[i + 1] = g + shifted;
            g = cosine * r - b;
            _rotations[_kept++] = (cosine, sine);
        }

        if (last == low) (_d[low], _e[low]) = (_d[low] - shifted, g);
        _e[high] = 0;
        _sweeps.Add((last, high, at));
    }

    private void Rotate()
    {
        Parallel.For(0, (_n + Width - 1) / Width, strip =>
        {
            fixed (double* strips = _strips)
            {
                fixed ((double Cosine, double Sine)* rotations = _rotations)
                    foreach ((int low, int high, int at) in _sweeps) Rotate(strips + (nint)strip * _n * Width, low, high, rotations + at);
            }
        });
        _sweeps.Clear();
        _kept = 0;
    }

    // Vectors i and i + 1 become c·zᵢ − s·zᵢ₊₁ and s·zᵢ + c·zᵢ₊₁, from high − 1 down to low. The one that the next rotation needs stays in registers.
    private static void Rotate(double* strip, int low, int high, (double Cosine, double Sine)* rotations)
    {
        double* z = strip + (nint)high * Width;
        Vector256<double> p = Vector256.Load(z), q = Vector256.Load(z + 4), r = Vector256.Load(z + 8), s = Vector256.Load(z + 12);
        for (int i = high - 1; i >= low; i--, rotations++)
        {
            Vector256<double> cosine = Vector256.Create(rotations->Cosine), sine = Vector256.Create(rotations->Sine);
            double* below = z - Width;
            Vector256<double> a = Vector256.Load(below), b = Vector256.Load(below + 4), c = Vector256.Load(below + 8), d = Vector256.Load(below + 12);
            (sine * a + cosine * p).Store(z);
            (sine * b + cosine * q).Store(z + 4);
            (sine * c + cosine * r).Store(z + 8);
            (sine * d + cosine * s).Store(z + 12);
            (p, q, r, s) = (cosine * a - sine * p, cosine * b - sine * q, cosine * c - sine * r, cosine * d - sine * s);
            z = below;
        }

        p.Store(z);
        q.Store(z + 4);
        r.Store(z + 8);
        s.Store(z + 12);
    }
}
