using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>What is added up of a row's deviations.</summary>
internal interface IMoment
{
    static abstract bool IsSquared { get; }
}

/// <summary>The deviations themselves.</summary>
internal readonly struct FirstMoment : IMoment
{
    public static bool IsSquared => false;
}

/// <summary>Their squares.</summary>
internal readonly struct SecondMoment : IMoment
{
    public static bool IsSquared => true;
}

/// <summary>How a row's gradient follows from the gradient and the deviation of an element.</summary>
internal readonly struct RowSlopes<V>(V first, V mean, V inverse, V slope, V level) where V : struct
{
    public readonly V First = first, Mean = mean, Inverse = inverse, Slope = slope, Level = level;
}

/// <summary>The loops over a row whose every element has a scale of its own. Deviations are d = (x − first) − mean, the mean counted from the row's first element.</summary>
internal static unsafe class RowLoops<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    private const long Block = 128;     // registers that one set of totals takes in before it joins the row's

    /// <summary>Σ d, or Σ d².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Moment<TMoment>(T* x, long n, V first, V mean) where TMoment : struct, IMoment
    {
        V total = S.Constant(0);
        long i = 0, full = n - n % S.Count;
        while (i < full)
        {
            // Four sums: a step need not wait for the one before.
            long end = Math.Min(full, i + Block * S.Count);
            V a = S.Constant(0), b = a, c = a, d = a;
            for (; i <= end - 4 * S.Count; i += 4 * S.Count)
            {
                a = Add<TMoment>(a, S.Load(x + i), first, mean);
                b = Add<TMoment>(b, S.Load(x + i + S.Count), first, mean);
                c = Add<TMoment>(c, S.Load(x + i + 2 * S.Count), first, mean);
                d = Add<TMoment>(d, S.Load(x + i + 3 * S.Count), first, mean);
            }

            for (; i < end; i += S.Count) a = Add<TMoment>(a, S.Load(x + i), first, mean);
            total = S.Add(total, S.Add(S.Add(a, b), S.Add(c, d)));
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            total = S.Select(LaneMask.First<T, V, S>(rest), Add<TMoment>(total, S.LoadPart(x + i, rest), first, mean), total);
        }

        return S.Sum(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Add<TMoment>(V total, V x, V first, V mean) where TMoment : struct, IMoment
    {
        V d = S.Subtract(S.Subtract(x, first), mean);
        return TMoment.IsSquared ? S.MultiplyAdd(d, d, total) : S.Add(total, d);
    }

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
            long end = Math.Min(full, i + Block * S.Count);
            V partSum = S.Constant(0), partMoment = partSum;
            for (; i < end; i += S.Count)
            {
                V slope = S.Multiply(S.Load(g + i), S.Load(scale + i));
                partSum = S.Add(partSum, slope);
                partMoment = S.MultiplyAdd(slope, S.Subtract(S.Subtract(S.Load(x + i), first), mean), partMoment);
            }

            (sum, moment) = (S.Add(sum, partSum), S.Add(moment, partMoment));
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

    /// <summary>dx = g · scale · inverse + d · slope + level, and dscale += g · d · inverse, dshift += g, if it is wanted; in one row or two that follow each other.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Project<TRows>(T* g, T* x, T* scale, T* dx, T* dscale, T* dshift, long n, in RowSlopes<V> one, in RowSlopes<V> two) where TRows : struct, IRows
    {
        RowSlopes<V> a = one, b = two;
        for (long i = 0; i < n; i += S.Count)
        {
            int lanes = (int)Math.Min(S.Count, n - i);
            V factor = Fetch(scale + i, lanes), factors = Fetch(dscale + i, lanes), shifts = dshift == null ? default : Fetch(dshift + i, lanes);
            Project(a, g + i, x + i, dx + i, lanes, factor, ref factors, ref shifts);
            if (TRows.Count > 1) Project(b, g + n + i, x + n + i, dx + n + i, lanes, factor, ref factors, ref shifts);
            Put(dscale + i, lanes, factors);
            if (dshift != null) Put(dshift + i, lanes, shifts);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Project(in RowSlopes<V> row, T* g, T* x, T* dx, int lanes, V scale, ref V dscale, ref V dshift)
    {
        V gi = Fetch(g, lanes), d = S.Subtract(S.Subtract(Fetch(x, lanes), row.First), row.Mean);
        Put(dx, lanes, S.MultiplyAdd(S.Multiply(gi, scale), row.Inverse, S.MultiplyAdd(d, row.Slope, row.Level)));
        dscale = S.MultiplyAdd(gi, S.Multiply(d, row.Inverse), dscale);
        dshift = S.Add(gi, dshift);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Fetch(T* p, int lanes) => lanes == S.Count ? S.Load(p) : S.LoadPart(p, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(T* p, int lanes, V value)
    {
        if (lanes == S.Count) S.Store(p, value);
        else S.StorePart(p, lanes, value);
    }
}
