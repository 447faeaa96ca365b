using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Row vector times matrix, y [n] = x [k] · B [k, n] (M = 1): bound by reading B once.</summary>
internal static unsafe class VectorProduct<T, V, S>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Whether this is the way for <paramref name="p"/>: B contiguous along its rows, or both operands along K.</summary>
    public static bool Fits(in GemmArguments<T> p) => p.M == 1 && (p.ColB == 1 || (p.RowB == 1 && p.ColA == 1));

    /// <summary>Computes columns j0..j0+n-1 of C's only row.</summary>
    public static void Run(ref GemmArguments<T> p, int j0, int n)
    {
        T* bias = p.Bias == null ? null : p.Bias + j0;
        if (p.ColB == 1) Rows(p.K, p.A, p.ColA, p.B + j0, p.RowB, p.C + j0, n, bias, p.Accumulate);
        else Columns(p.K, p.A, p.B + j0 * p.ColB, p.ColB, p.C + j0, n, bias, p.Accumulate);

        delegate*<T*, nint, int, int, T*, T*, void> finish = GemmFinish<T, V, S>.For(p);
        if (finish != null) finish(p.C + j0, 0, 1, n, p.RowBias, p.Addend == null ? null : p.Addend + j0);
    }

    /// <summary>y = bias or 0, or y + bias: what the sums over k are added to.</summary>
    public static void Start(T* y, int n, T* bias, bool accumulate)
    {
        if (bias == null)
        {
            if (!accumulate) new Span<T>(y, n).Clear();
        }
        else if (!accumulate)
        {
            new ReadOnlySpan<T>(bias, n).CopyTo(new Span<T>(y, n));
        }
        else
        {
            for (int j = 0; j < n; j++) y[j] += bias[j];
        }
    }

    /// <summary>B stored by rows: eight of them per pass over y, which stays in L1.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void Rows(int k, T* x, nint colX, T* b, nint rowB, T* y, int n, T* bias, bool accumulate)
    {
        Start(y, n, bias, accumulate);
        int whole = n - n % S.Count, rest = n - whole;
        int p = 0;
        for (; p + 8 <= k; p += 8, b += 8 * rowB, x += 8 * colX)
        {
            T* x4 = x + 4 * colX;
            V x0 = S.Broadcast(x[0]), x1 = S.Broadcast(x[colX]), x2 = S.Broadcast(x[2 * colX]), x3 = S.Broadcast(x[3 * colX]);
            V y0 = S.Broadcast(x4[0]), y1 = S.Broadcast(x4[colX]), y2 = S.Broadcast(x4[2 * colX]), y3 = S.Broadcast(x4[3 * colX]);
            T* b0 = b, b3 = b + 3 * rowB, b6 = b + 6 * rowB;
            nint row2 = 2 * rowB;
            for (int j = 0; j < whole; j += S.Count, b0 += S.Count, b3 += S.Count, b6 += S.Count)
            {
                V sum = S.MultiplyAdd(x0, S.Load(b0), S.Load(y + j));
                sum = S.MultiplyAdd(x1, S.Load(b0 + rowB), sum);
                sum = S.MultiplyAdd(x2, S.Load(b0 + row2), sum);
                sum = S.MultiplyAdd(x3, S.Load(b3), sum);
                sum = S.MultiplyAdd(y0, S.Load(b3 + rowB), sum);
                sum = S.MultiplyAdd(y1, S.Load(b3 + row2), sum);
                sum = S.MultiplyAdd(y2, S.Load(b6), sum);
                S.Store(y + j, S.MultiplyAdd(y3, S.Load(b6 + rowB), sum));
            }

            if (rest == 0) continue;
            V part = S.MultiplyAdd(x0, S.LoadPart(b0, rest), S.LoadPart(y + whole, rest));
            part = S.MultiplyAdd(x1, S.LoadPart(b0 + rowB, rest), part);
            part = S.MultiplyAdd(x2, S.LoadPart(b0 + row2, rest), part);
            part = S.MultiplyAdd(x3, S.LoadPart(b3, rest), part);
            part = S.MultiplyAdd(y0, S.LoadPart(b3 + rowB, rest), part);
            part = S.MultiplyAdd(y1, S.LoadPart(b3 + row2, rest), part);
            part = S.MultiplyAdd(y2, S.LoadPart(b6, rest), part);
            S.StorePart(y + whole, rest, S.MultiplyAdd(y3, S.LoadPart(b6 + rowB, rest), part));
        }

        for (; p < k; p++, b += rowB, x += colX)
        {
            V x0 = S.Broadcast(*x);
            for (int j = 0; j < whole; j += S.Count) S.Store(y + j, S.MultiplyAdd(x0, S.Load(b + j), S.Load(y + j)));
            if (rest != 0) S.StorePart(y + whole, rest, S.MultiplyAdd(x0, S.LoadPart(b + whole, rest), S.LoadPart(y + whole, rest)));
        }
    }

    /// <summary>B stored by columns: four dot products at a time, two sums each; the last group repeats its last column.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void Columns(int k, T* x, T* b, nint colB, T* y, int n, T* bias, bool accumulate)
    {
        int whole = k - k % S.Count, rest = k - whole;
        for (int j = 0; j < n; j += 4, b += 4 * colB)
        {
            int columns = Math.Min(4, n - j);
            T* b1 = b + Math.Min(1, columns - 1) * colB, b2 = b + Math.Min(2, columns - 1) * colB, b3 = b + (columns - 1) * colB;
            V even0 = default, even1 = default, even2 = default, even3 = default;
            V odd0 = default, odd1 = default, odd2 = default, odd3 = default;
            nint p = 0;
            for (; p + 2 * S.Count <= whole; p += 2 * S.Count)
            {
                V x0 = S.Load(x + p), x1 = S.Load(x + p + S.Count);
                even0 = S.MultiplyAdd(x0, S.Load(b + p), even0);
                odd0 = S.MultiplyAdd(x1, S.Load(b + p + S.Count), odd0);
                even1 = S.MultiplyAdd(x0, S.Load(b1 + p), even1);
                odd1 = S.MultiplyAdd(x1, S.Load(b1 + p + S.Count), odd1);
                even2 = S.MultiplyAdd(x0, S.Load(b2 + p), even2);
                odd2 = S.MultiplyAdd(x1, S.Load(b2 + p + S.Count), odd2);
                even3 = S.MultiplyAdd(x0, S.Load(b3 + p), even3);
                odd3 = S.MultiplyAdd(x1, S.Load(b3 + p + S.Count), odd3);
            }

            if (p < whole)
            {
                V x0 = S.Load(x + p);
                even0 = S.MultiplyAdd(x0, S.Load(b + p), even0);
                even1 = S.MultiplyAdd(x0, S.Load(b1 + p), even1);
                even2 = S.MultiplyAdd(x0, S.Load(b2 + p), even2);
                even3 = S.MultiplyAdd(x0, S.Load(b3 + p), even3);
            }

            if (rest != 0)
            {
                V x0 = S.LoadPart(x + whole, rest);
                odd0 = S.MultiplyAdd(x0, S.LoadPart(b + whole, rest), odd0);
                odd1 = S.MultiplyAdd(x0, S.LoadPart(b1 + whole, rest), odd1);
                odd2 = S.MultiplyAdd(x0, S.LoadPart(b2 + whole, rest), odd2);
                odd3 = S.MultiplyAdd(x0, S.LoadPart(b3 + whole, rest), odd3);
            }

            Put(y, j, S.Add(even0, odd0), bias, accumulate);
            if (columns > 1) Put(y, j + 1, S.Add(even1, odd1), bias, accumulate);
            if (columns > 2) Put(y, j + 2, S.Add(even2, odd2), bias, accumulate);
            if (columns > 3) Put(y, j + 3, S.Add(even3, odd3), bias, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(T* y, int j, V sums, T* bias, bool accumulate)
    {
        T sum = S.Sum(sums);
        if (bias != null) sum += bias[j];
        y[j] = accumulate ? y[j] + sum : sum;
    }
}
