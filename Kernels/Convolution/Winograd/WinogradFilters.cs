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

    /// <summary>The filters of a convolution.</summary>
    public static void Transform(in WinogradPlan plan, T* weight, T* to)
    {
        ForwardJob job = new() { Plan = plan, Weight = weight, To = to };
        WindowDispatch.Share((long)plan.Groups * Vectors(plan), (double)plan.FilterElements, ref job);
    }

    /// <summary>Those of its input gradient, which runs back to front from the convolution's filters to its channels.</summary>
    public static void TransformReversed(in WinogradPlan plan, T* weight, T* to)
    {
        ReversedJob job = new() { Plan = plan, Weight = weight, To = to };
        WindowDispatch.Share((long)plan.Groups * Vectors(plan), (double)plan.FilterElements, ref job);
    }

    /// <summary>The filters' gradient from the sum of <paramref name="parts"/> of its transform, added up in order.</summary>
    public static void Gradient(in WinogradPlan plan, T* transforms, int parts, T* weight)
    {
        GradientJob job = new() { Plan = plan, Transforms = transforms, Parts = parts, Weight = weight };
        WindowDispatch.Share((long)plan.Groups * Vectors(plan), (double)plan.FilterElements * (1 + parts), ref job);
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

    private struct ForwardJob : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Weight, To;

        [SkipLocalsInit]
        public readonly void Execute(int task)
        {
            int group = task / Vectors(Plan), k = task % Vectors(Plan) * S.Count, filters = Math.Min(S.Count, Plan.To - k);
            T* weight = Weight + ((nint)group * Plan.To + k) * Plan.From * Taps, to = To + group * Plan.Points * Plan.FilterStep + k;
            T* taps = stackalloc T[(Chunk * Taps + Side * 3) * S.Count], half = taps + Chunk * Taps * S.Count;
            for (int c = 0; c < Plan.From; c += Chunk)
            {
                int channels = Math.Min(Chunk, Plan.From - c);
                WinogradTurn<T, V, S>.ToVectors(weight + c * Taps, (nint)Plan.From * Taps, filters, channels * Taps, taps);
                for (int i = 0; i < channels; i++) Transform(taps + i * Taps * S.Count, S.Count, half, to + (nint)Plan.Row(c + i) * Plan.ToRow, Plan.FilterStep);
            }
        }
    }

    private struct ReversedJob : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Weight, To;

        [SkipLocalsInit]
        public readonly void Execute(int task)
        {
            int group = task / Vectors(Plan), c = task % Vectors(Plan) * S.Count, channels = Math.Min(S.Count, Plan.To - c);
            int depth = Plan.Sizes.Depth.Size, all = depth * Taps;
            T* weight = Weight + ((nint)group * Plan.Channels * Plan.To + c) * all, to = To + group * Plan.Points * Plan.FilterStep + c;
            T* taps = stackalloc T[(2 * S.Count + Taps + Side * 3) * S.Count], half = taps + (2 * S.Count + Taps) * S.Count;

            // A whole block may read beyond its own nine elements while another channel follows.
            int n = c + S.Count < Plan.To ? Math.Max(Taps, S.Count) : Taps;
            for (int k = 0; k < Plan.Channels; k++, weight += (nint)Plan.To * all)
            {
                for (int a = 0; a < depth; a++)
                {
                    WinogradTurn<T, V, S>.ToVectors(weight + a * Taps, all, channels, n, taps);
                    Transform(taps + (Taps - 1) * S.Count, -S.Count, half, to + ((nint)(depth - 1 - a) * Plan.Channels + k) * Plan.ToRow, Plan.FilterStep);
                }
            }
        }
    }

    private struct GradientJob : IParallelJob
    {
        public WinogradPlan Plan;
        public T* Transforms, Weight;
        public int Parts;

        [SkipLocalsInit]
        public readonly void Execute(int task)
        {
            int group = task / Vectors(Plan), k = task % Vectors(Plan) * S.Count, filters = Math.Min(S.Count, Plan.To - k);
            T* weight = Weight + ((nint)group * Plan.To + k) * Plan.From * Taps, from = Transforms + group * Plan.Points * Plan.FilterStep + k;
            T* taps = stackalloc T[(Chunk * Taps + Side * Side + Side * 3) * S.Count], points = taps + Chunk * Taps * S.Count, half = points + Side * Side * S.Count;
            for (int c = 0; c < Plan.From; c += Chunk)
            {
                int channels = Math.Min(Chunk, Plan.From - c);
                for (int i = 0; i < channels; i++)
                {
                    Sum(from + (nint)Plan.Row(c + i) * Plan.ToRow, points);
                    TransformBack(points, half, taps + i * Taps * S.Count);
                }

                WinogradTurn<T, V, S>.ToChannels(taps, channels * Taps, weight + c * Taps, (nint)Plan.From * Taps, filters);
            }
        }

        /// <summary>Adds up the parts of each point.</summary>
        [MethodImpl(HotLoop.Options)]
        private readonly void Sum(T* from, T* points)
        {
            for (int point = 0; point < Side * Side; point++, from += Plan.FilterStep, points += S.Count)
            {
                V sum = S.Load(from);
                for (int part = 1; part < Parts; part++) sum = S.Add(sum, S.Load(from + part * Plan.FilterElements));
                S.Store(points, sum);
            }
        }
    }
}
