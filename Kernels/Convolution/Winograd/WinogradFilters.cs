using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Between filters [K, C/groups, T, 3, 3] and their transforms [group][point][plane read][channel made], a vector of the latter at a time.</summary>
internal static unsafe class WinogradFilters<T, V, S, TTile>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TTile : struct, IWinogradTile
{
    private const int Taps = 9;

    // Channels that are turned at once.
    private const int Chunk = 16;

    private static int Side => TTile.Size + 2;

    /// <summary>The filters of a convolution; or, back to front, those of its input gradient, which runs from the convolution's filters to its channels.</summary>
    public static void Transform(in WinogradPlan plan, bool reversed, T* weight, T* to)
    {
        TransformJob job = new() { Plan = plan, Reversed = reversed, Weight = weight, To = to };
        WindowDispatch.Share((long)plan.Groups * Vectors(plan), (double)plan.FilterElements, ref job);
    }

    /// <summary>The filters' gradient from the sum of <paramref name="parts"/> of its transform, added up in order.</summary>
    public static void Gradient(in WinogradPlan plan, T* transforms, int parts, T* weight)
    {
        GradientJob job = new() { Plan = plan, Transforms = transforms, Parts = parts, Weight = weight };
        WindowDispatch.Share((long)plan.Groups * Vectors(plan), (double)plan.FilterElements * (1 + parts), ref job);
    }

    /// <summary>The filters of channels first..first+made−1 that are made, for channels begin..end−1 that are read: [point][channel read][channel made].</summary>
    /// <param name="plan">The convolution, of images.</param>
    /// <param name="reversed">Whether it is the input gradient, with its filters back to front.</param>
    /// <param name="weight">All filters.</param>
    /// <param name="group">The group.</param>
    /// <param name="first">First channel that is made.</param>
    /// <param name="made">Number of channels that are made.</param>
    /// <param name="begin">First channel that is read.</param>
    /// <param name="end">The channel after the last one.</param>
    /// <param name="to">Point 0 of the first channels.</param>
    /// <param name="row">From one channel read to the next.</param>
    /// <param name="step">From one point to the next.</param>
    public static void TransformPart(in WinogradPlan plan, bool reversed, T* weight, int group, int first, int made, int begin, int end, T* to, nint row, nint step)
    {
        to -= begin * row;
        for (int k = 0; k < made; k += S.Count)
        {
            if (reversed) ReversedVector(plan, weight, group, first + k, begin, end, to + k, row, step);
            else Vector(plan, weight, group, first + k, begin, end, to + k, row, step);
        }
    }

    /// <summary>The gradient of those filters from its transform, which is laid out in the same way.</summary>
    /// <inheritdoc cref="TransformPart"/>
    public static void GradientPart(in WinogradPlan plan, T* from, nint row, nint step, T* weight, int group, int first, int made, int begin, int end)
    {
        from -= begin * row;
        for (int k = 0; k < made; k += S.Count) GradientJob.Vector(plan, from + k, row, step, 1, weight, group, first + k, begin, end);
    }

    /// <summary>Vectors of a group's channels.</summary>
    private static int Vectors(in WinogradPlan plan) => (plan.To + S.Count - 1) / S.Count;

    /// <summary>Nine vectors, <paramref name="next"/> elements apart (backwards for a filter that is turned around), to a vector for each point.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void Transform(T* taps, nint next, T* half, T* to, nint step)
    {
        for (int s = 0; s < 3; s++) TTile.Filter<T, V, S>(taps + s * next, 3 * next, half + s * S.Count, 3 * S.Count);
        for (int i = 0; i < Side; i++) TTile.Filter<T, V, S>(half + i * 3 * S.Count, S.Count, to + i * Side * step, step);
    }

    /// <summary>A vector for each point to nine vectors.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void TransformBack(T* points, T* half, T* taps)
    {
        for (int j = 0; j < Side; j++) TTile.FilterGradient<T, V, S>(points + j * S.Count, Side * S.Count, half + j * S.Count, Side * S.Count);
        for (int r = 0; r < 3; r++) TTile.FilterGradient<T, V, S>(half + r * Side * S.Count, S.Count, taps + r * 3 * S.Count, S.Count);
    }

    /// <summary>The transforms of a vector of filters for planes begin..end−1 that are read. Plane 0 of point 0 is at <paramref name="to"/>, others so many elements further.</summary>
    [SkipLocalsInit]
    private static void Vector(in WinogradPlan plan, T* weight, int group, int k, int begin, int end, T* to, nint row, nint step)
    {
        int filters = Math.Min(S.Count, plan.To - k);
        weight += ((nint)group * plan.To + k) * plan.From * Taps;
        T* taps = stackalloc T[(Chunk * Taps + Side * 3) * S.Count], half = taps + Chunk * Taps * S.Count;
        for (int c = begin; c < end; c += Chunk)
        {
            int channels = Math.Min(Chunk, end - c);
            WinogradTurn<T, V, S>.ToVectors(weight + c * Taps, (nint)plan.From * Taps, filters, channels * Taps, taps);
            for (int i = 0; i < channels; i++) Transform(taps + i * Taps * S.Count, S.Count, half, to + plan.Row(c + i) * row, step);
        }
    }

    /// <summary>The same as <see cref="Vector"/> for channels begin..end−1 that are read: filters of the convolution.</summary>
    [SkipLocalsInit]
    private static void ReversedVector(in WinogradPlan plan, T* weight, int group, int c, int begin, int end, T* to, nint row, nint step)
    {
        int channels = Math.Min(S.Count, plan.To - c), depth = plan.Sizes.Depth.Size, all = depth * Taps;
        weight += (((nint)group * plan.Channels + begin) * plan.To + c) * all;
        T* taps = stackalloc T[(2 * S.Count + Taps + Side * 3) * S.Count], half = taps + (2 * S.Count + Taps) * S.Count;
        for (int k = begin; k < end; k++, weight += (nint)plan.To * all)
        {
            // A whole block may read beyond its own nine elements while another channel follows.
            int n = c + S.Count < plan.To || k + 1 < plan.Channels ? Math.Max(Taps, S.Count) : Taps;
            for (int a = 0; a < depth; a++)
            {
                WinogradTurn<T, V, S>.ToVectors(weight + a * Taps, all, channels, n, taps);
                Transform(taps + (Taps - 1) * S.Count, -S.Count, half, to + ((nint)(depth - 1 - a) * plan.Channels + k) * row, step);
            }
        }
    }

    private struct TransformJob : IParallelJob
    {
        public WinogradPlan Plan;
        public bool Reversed;
        public T* Weight, To;

        public readonly void Execute(int task)
        {
            int group = task / Vectors(Plan), k = task % Vectors(Plan) * S.Count;
            T* to = To + group * Plan.Points * Plan.FilterStep + k;
            if (Reversed) ReversedVector(Plan, Weight, group, k, 0, Plan.Channels, to, Plan.ToRow, Plan.FilterStep);
            else Vector(Plan, Weight, group, k, 0, Plan.From, to, Plan.ToRow, Plan.FilterStep);
        }
    }

    private struct GradientJob : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Transforms, Weight;
        public int Parts;

        public readonly void Execute(int task)
        {
            int group = task / Vectors(Plan), k = task % Vectors(Plan) * S.Count;
            Vector(Plan, Transforms + group * Plan.Points * Plan.FilterStep + k, Plan.ToRow, Plan.FilterStep, Parts, Weight, group, k, 0, Plan.From);
        }

        /// <summary>The gradient of a vector of filters for planes begin..end−1 that are read; <paramref name="from"/> is where plane 0 of point 0 is or would be.</summary>
        [SkipLocalsInit]
        public static void Vector(in WinogradPlan plan, T* from, nint row, nint step, int parts, T* weight, int group, int k, int begin, int end)
        {
            int filters = Math.Min(S.Count, plan.To - k);
            weight += ((nint)group * plan.To + k) * plan.From * Taps;
            T* taps = stackalloc T[(Chunk * Taps + Side * Side + Side * 3) * S.Count], points = taps + Chunk * Taps * S.Count, half = points + Side * Side * S.Count;
            for (int c = begin; c < end; c += Chunk)
            {
                int channels = Math.Min(Chunk, end - c);
                for (int i = 0; i < channels; i++)
                {
                    Sum(from + plan.Row(c + i) * row, step, parts, plan.FilterElements, points);
                    TransformBack(points, half, taps + i * Taps * S.Count);
                }

                WinogradTurn<T, V, S>.ToChannels(taps, channels * Taps, weight + c * Taps, (nint)plan.From * Taps, filters);
            }
        }

        /// <summary>Adds up the parts of each point.</summary>
        [MethodImpl(HotLoop.Options)]
        private static void Sum(T* from, nint step, int parts, nint next, T* points)
        {
            for (int point = 0; point < Side * Side; point++, from += step, points += S.Count)
            {
                V sum = S.Load(from);
                for (int part = 1; part < parts; part++) sum = S.Add(sum, S.Load(from + part * next));
                S.Store(points, sum);
            }
        }
    }
}
