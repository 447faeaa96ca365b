using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Folds a strip of neighbouring columns, each to a number of its own: eight rows at a time, so that totals are seldom touched and rounding errors stay small.</summary>
internal static unsafe class ReduceStrip<T, V, S, R>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where R : struct, IReduction
{
    private const int PlainRows = 256;  // folded one after the other; more rows are folded pairwise

    /// <summary>Rows first .. end−1 of a strip, into one total per column.</summary>
    public static void Fold(in ReducePlan plan, T* x, long first, long end, T* totals, T* centers, int width, bool second)
    {
        if (end - first > PlainRows)
        {
            long middle = first + (end - first) / 2;
            Fold(plan, x, first, middle, totals, centers, width, second);
            T* right = stackalloc T[width];
            Fold(plan, x, middle, end, right, centers, width, second);
            Combine(totals, right, width, second);
            return;
        }

        V neutral = R.Neutral<T, V, S>(second);
        for (int j = 0; j < width; j += S.Count) S.StorePart(totals + j, Math.Min(S.Count, width - j), neutral);
        T** rows = stackalloc T*[8];
        for (long unit = first; unit < end;)
        {
            int n = (int)Math.Min(8, end - unit);
            for (int i = 0; i < n; i++) rows[i] = x + plan.Unit(unit++, out _);
            if (second) Rows<SecondPass>(rows, n, totals, centers, width);
            else Rows<FirstPass>(rows, n, totals, centers, width);
        }
    }

    /// <summary>a takes in b, element by element.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Combine(T* a, T* b, long n, bool second)
    {
        for (long i = 0; i < n; i += S.Count)
        {
            int lanes = (int)Math.Min(S.Count, n - i);
            S.StorePart(a + i, lanes, R.Combine<T, V, S>(S.LoadPart(a + i, lanes), S.LoadPart(b + i, lanes), second));
        }
    }

    [MethodImpl(HotLoop.Options)]
    private static void Rows<TPass>(T** rows, int n, T* totals, T* centers, int width) where TPass : struct, IReducePass
    {
        bool centered = R.TwoPasses && TPass.IsSecond;
        V neutral = R.Neutral<T, V, S>(TPass.IsSecond);
        int j = 0;
        if (n == 8)
        {
            T* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5], r6 = rows[6], r7 = rows[7];
            for (; j <= width - S.Count; j += S.Count)
            {
                V c = centered ? S.Load(centers + j) : default, t = neutral;
                t = R.Step<T, V, S>(t, S.Load(r0 + j), c, TPass.IsSecond);
                t = R.Step<T, V, S>(t, S.Load(r1 + j), c, TPass.IsSecond);
                t = R.Step<T, V, S>(t, S.Load(r2 + j), c, TPass.IsSecond);
                t = R.Step<T, V, S>(t, S.Load(r3 + j), c, TPass.IsSecond);
                t = R.Step<T, V, S>(t, S.Load(r4 + j), c, TPass.IsSecond);
                t = R.Step<T, V, S>(t, S.Load(r5 + j), c, TPass.IsSecond);
                t = R.Step<T, V, S>(t, S.Load(r6 + j), c, TPass.IsSecond);
                t = R.Step<T, V, S>(t, S.Load(r7 + j), c, TPass.IsSecond);
                S.Store(totals + j, R.Combine<T, V, S>(S.Load(totals + j), t, TPass.IsSecond));
            }
        }

        for (; j < width; j += S.Count)
        {
            int lanes = Math.Min(S.Count, width - j);
            V c = centered ? S.LoadPart(centers + j, lanes) : default, t = neutral;
            for (int i = 0; i < n; i++) t = R.Step<T, V, S>(t, S.LoadPart(rows[i] + j, lanes), c, TPass.IsSecond);
            S.StorePart(totals + j, lanes, R.Combine<T, V, S>(S.LoadPart(totals + j, lanes), t, TPass.IsSecond));
        }
    }
}
