using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Folds neighbouring elements to one number: four totals of S.Count lanes each, long ranges pairwise.</summary>
internal static unsafe class ReduceRow<T, V, S, R>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where R : struct, IReduction
{
    private const int PlainUnits = 64;  // short rows folded one after the other; more are folded pairwise

    /// <summary>The total of units first .. end−1.</summary>
    public static T Fold(in ReducePlan plan, T* x, long first, long end, V center, bool second)
    {
        V total = second ? Range<SecondPass>(plan, x, first, end, center) : Range<FirstPass>(plan, x, first, end, center);
        return Horizontal(total, second);
    }

    [MethodImpl(HotLoop.Options)]
    private static V Range<TPass>(in ReducePlan plan, T* x, long first, long end, V center) where TPass : struct, IReducePass
    {
        if (end - first > PlainUnits || (end - first > 1 && (end - first) * plan.UnitLength > ReducePlan.UnitElements))
        {
            // Pairwise: the rounding error grows with the logarithm of the length.
            long middle = first + (end - first) / 2;
            V left = Range<TPass>(plan, x, first, middle, center);
            return R.Combine<T, V, S>(left, Range<TPass>(plan, x, middle, end, center), TPass.IsSecond);
        }

        V neutral = R.Neutral<T, V, S>(TPass.IsSecond), total = neutral;
        for (long unit = first; unit < end; unit++)
        {
            T* p = x + plan.Unit(unit, out long n), stop = p + n;
            while (p < stop)
            {
                // No lane adds up more than 64 numbers before it is combined, however few lanes there are.
                T* block = p + Math.Min(stop - p, 256 * S.Count);
                V a = neutral, b = neutral, c = neutral, d = neutral;
                for (; p <= block - 4 * S.Count; p += 4 * S.Count)
                {
                    a = R.Step<T, V, S>(a, S.Load(p), center, TPass.IsSecond);
                    b = R.Step<T, V, S>(b, S.Load(p + S.Count), center, TPass.IsSecond);
                    c = R.Step<T, V, S>(c, S.Load(p + 2 * S.Count), center, TPass.IsSecond);
                    d = R.Step<T, V, S>(d, S.Load(p + 3 * S.Count), center, TPass.IsSecond);
                }

                for (; p <= block - S.Count; p += S.Count) a = R.Step<T, V, S>(a, S.Load(p), center, TPass.IsSecond);
                int rest = (int)(block - p);
                if (rest > 0) b = S.Select(LaneMask.First<T, V, S>(rest), R.Step<T, V, S>(b, S.LoadPart(p, rest), center, TPass.IsSecond), b);
                p = block;
                V ab = R.Combine<T, V, S>(a, b, TPass.IsSecond), cd = R.Combine<T, V, S>(c, d, TPass.IsSecond);
                total = R.Combine<T, V, S>(total, R.Combine<T, V, S>(ab, cd, TPass.IsSecond), TPass.IsSecond);
            }
        }

        return total;
    }

    /// <summary>Neighbouring lanes are combined until one holds all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Horizontal(V total, bool second)
    {
        for (int lanes = S.Count; lanes > 1; lanes /= 2)
        {
            S.Unzip(total, total, out V even, out V odd);
            total = R.Combine<T, V, S>(even, odd, second);
        }

        return Unsafe.As<V, T>(ref total);
    }
}
