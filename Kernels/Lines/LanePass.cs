using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The loop of every computation that goes line by line: softmax, cross-entropy, batch normalisation.</summary>
internal static unsafe class LanePass<T, V, S, TStep>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TStep : struct, ILaneStep
{
    private const long Block = 128;     // steps that one pair of totals takes in before it is merged

    /// <summary>Walks, and returns the first total of each line (in every lane, if the lanes belong together).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Run(in LaneWalk walk, T* a, T* b, T* y, V c0 = default, V c1 = default, V c2 = default, V c3 = default)
    {
        V first = Walk(walk, a, b, y, new(c0, c1, c2, c3), out _);
        return walk.Across ? Fold(first) : first;
    }

    /// <summary>Walks, and returns both totals.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Run(in LaneWalk walk, T* a, T* b, T* y, in LaneConstants<V> constants, out V second)
    {
        V first = Walk(walk, a, b, y, constants, out second);
        if (!walk.Across) return first;
        second = Fold(second);
        return Fold(first);
    }

    [MethodImpl(HotLoop.Options)]
    private static V Walk(in LaneWalk walk, T* a, T* b, T* y, in LaneConstants<V> constants, out V second)
    {
        LaneConstants<V> c = constants;
        bool streams = walk.Streams;
        V neutral = S.Constant(TStep.Neutral), t0 = neutral, t1 = neutral;
        for (long repeat = 0; repeat < walk.Repeats; repeat++)
        {
            long at = repeat * walk.RepeatStride;
            for (long done = 0; done < walk.Full;)
            {
                // Two pairs of totals: a step need not wait for the one before.
                long end = Math.Min(walk.Full, done + Block);
                V p0 = neutral, p1 = neutral, q0 = neutral, q1 = neutral;
                for (; done < end - 1; done += 2)
                {
                    V u = TStep.Step<T, V, S>(S.Load(a + at), TStep.ReadsSecond ? S.Load(b + at) : default, c, ref p0, ref p1);
                    if (TStep.Writes) StreamingStores.Store<T, V, S>(y + at, u, streams);
                    at += walk.Stride;
                    V v = TStep.Step<T, V, S>(S.Load(a + at), TStep.ReadsSecond ? S.Load(b + at) : default, c, ref q0, ref q1);
                    if (TStep.Writes) StreamingStores.Store<T, V, S>(y + at, v, streams);
                    at += walk.Stride;
                }

                if (done < end)
                {
                    V u = TStep.Step<T, V, S>(S.Load(a + at), TStep.ReadsSecond ? S.Load(b + at) : default, c, ref p0, ref p1);
                    if (TStep.Writes) StreamingStores.Store<T, V, S>(y + at, u, streams);
                    at += walk.Stride;
                    done++;
                }

                t0 = TStep.Merge<T, V, S>(t0, TStep.Merge<T, V, S>(p0, q0));
                t1 = TStep.Merge<T, V, S>(t1, TStep.Merge<T, V, S>(p1, q1));
            }

            if (walk.Part == 0) continue;
            V mask = LaneMask.First<T, V, S>(walk.Rest);
            for (long part = 0; part < walk.Part; part++, at += walk.Stride)
            {
                V s0 = t0, s1 = t1;
                V u = TStep.Step<T, V, S>(S.LoadPart(a + at, walk.Rest), TStep.ReadsSecond ? S.LoadPart(b + at, walk.Rest) : default, c, ref s0, ref s1);
                if (TStep.Writes) S.StorePart(y + at, walk.Rest, u);
                (t0, t1) = (S.Select(mask, s0, t0), S.Select(mask, s1, t1));
            }
        }

        second = t1;
        return t0;
    }

    /// <summary>Neighbouring lanes are merged until each holds all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Fold(V total)
    {
        for (int lanes = S.Count; lanes > 1; lanes /= 2)
        {
            S.Unzip(total, total, out V even, out V odd);
            total = TStep.Merge<T, V, S>(even, odd);
        }

        return total;
    }
}
