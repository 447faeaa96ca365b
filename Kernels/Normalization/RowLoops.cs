using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>s0 = Σ (a − c0).</summary>
internal readonly struct DeviationStep : ILaneStep
{
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        s0 = S.Add(s0, S.Subtract(a, c.C0));
        return a;
    }
}

/// <summary>s0 = Σ ((a − c0) − c1)².</summary>
internal readonly struct SquaredOffsetStep : ILaneStep
{
    public static V Step<T, V, S>(V a, V b, in LaneConstants<V> c, ref V s0, ref V s1) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V d = S.Subtract(S.Subtract(a, c.C0), c.C1);
        s0 = S.MultiplyAdd(d, d, s0);
        return a;
    }
}

/// <summary>The loops over a row whose every element has a scale of its own. Deviations are d = (x − first) − mean, the mean counted from the row's first element.</summary>
internal static unsafe class RowLoops<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    private const long Block = 128;     // registers that one pair of totals takes in before it joins the row's

    /// <summary>y = d · inverse · scale + shift; without a shift it is 0.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Apply(T* x, T* y, T* scale, T* shift, long n, V first, V mean, V inverse)
    {
        long i = 0;
        for (; i <= n - S.Count; i += S.Count)
        {
            V z = S.Multiply(S.Subtract(S.Subtract(S.Load(x + i), first), mean), inverse);
            S.Store(y + i, shift == null ? S.Multiply(z, S.Load(scale + i)) : S.MultiplyAdd(z, S.Load(scale + i), S.Load(shift + i)));
        }

        if (i >= n) return;
        int rest = (int)(n - i);
        V last = S.Multiply(S.Subtract(S.Subtract(S.LoadPart(x + i, rest), first), mean), inverse), factor = S.LoadPart(scale + i, rest);
        S.StorePart(y + i, rest, shift == null ? S.Multiply(last, factor) : S.MultiplyAdd(last, factor, S.LoadPart(shift + i, rest)));
    }

    /// <summary>Σ g · scale, and Σ g · scale · d.</summary>
    [MethodImpl(HotLoop.Options)]
    public static (V Sum, V Moment) Sums(T* g, T* x, T* scale, long n, V first, V mean)
    {
        V sum = S.Constant(0), moment = sum;
        long i = 0, full = n - n % S.Count;
        while (i < full)
        {
            // Two pairs of totals: a step need not wait for the one before.
            long end = Math.Min(full, i + Block * S.Count);
            V sum0 = S.Constant(0), moment0 = sum0, sum1 = sum0, moment1 = sum0;
            for (; i <= end - 2 * S.Count; i += 2 * S.Count)
            {
                Add(g, x, scale, i, first, mean, ref sum0, ref moment0);
                Add(g, x, scale, i + S.Count, first, mean, ref sum1, ref moment1);
            }

            for (; i < end; i += S.Count) Add(g, x, scale, i, first, mean, ref sum0, ref moment0);
            (sum, moment) = (S.Add(sum, S.Add(sum0, sum1)), S.Add(moment, S.Add(moment0, moment1)));
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            V slope = S.Multiply(S.LoadPart(g + i, rest), S.LoadPart(scale + i, rest)), d = S.Subtract(S.Subtract(S.LoadPart(x + i, rest), first), mean);
            sum = S.Add(sum, slope);
            moment = S.MultiplyAdd(slope, S.And(d, LaneMask.First<T, V, S>(rest)), moment);
        }

        return (S.Broadcast(S.Sum(sum)), S.Broadcast(S.Sum(moment)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(T* g, T* x, T* scale, long i, V first, V mean, ref V sum, ref V moment)
    {
        V slope = S.Multiply(S.Load(g + i), S.Load(scale + i));
        sum = S.Add(sum, slope);
        moment = S.MultiplyAdd(slope, S.Subtract(S.Subtract(S.Load(x + i), first), mean), moment);
    }

    /// <summary>dx = g · scale · inverse + d · slope + level, and dscale += g · d · inverse, dshift += g, if it is wanted.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Project(T* g, T* x, T* scale, T* dx, T* dscale, T* dshift, long n, V first, V mean, V inverse, V slope, V level)
    {
        long i = 0;
        if (dshift == null)
        {
            for (; i <= n - S.Count; i += S.Count) Project(g, x, scale, dx, dscale, i, S.Count, first, mean, inverse, slope, level);
            if (i < n) Project(g, x, scale, dx, dscale, i, (int)(n - i), first, mean, inverse, slope, level);
            return;
        }

        for (; i <= n - S.Count; i += S.Count)
        {
            V gi = Project(g, x, scale, dx, dscale, i, S.Count, first, mean, inverse, slope, level);
            S.Store(dshift + i, S.Add(gi, S.Load(dshift + i)));
        }

        if (i >= n) return;
        int rest = (int)(n - i);
        V last = Project(g, x, scale, dx, dscale, i, rest, first, mean, inverse, slope, level);
        S.StorePart(dshift + i, rest, S.Add(last, S.LoadPart(dshift + i, rest)));
    }

    /// <summary>The same without the shift for a few elements; returns g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Project(T* g, T* x, T* scale, T* dx, T* dscale, long i, int lanes, V first, V mean, V inverse, V slope, V level)
    {
        V gi = Lanes.Load<T, V, S>(g + i, lanes), d = S.Subtract(S.Subtract(Lanes.Load<T, V, S>(x + i, lanes), first), mean);
        Lanes.Store<T, V, S>(dx + i, lanes, S.MultiplyAdd(S.Multiply(gi, Lanes.Load<T, V, S>(scale + i, lanes)), inverse, S.MultiplyAdd(d, slope, level)));
        Lanes.Store<T, V, S>(dscale + i, lanes, S.MultiplyAdd(gi, S.Multiply(d, inverse), Lanes.Load<T, V, S>(dscale + i, lanes)));
        return gi;
    }
}
