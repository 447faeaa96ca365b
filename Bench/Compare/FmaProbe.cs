using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gradwright.Kernels;

namespace Gradwright.Bench;

/// <summary>The most multiply-adds per second: twelve independent chains in registers, enough to fill two units of latency four.</summary>
internal static class FmaProbe
{
    private const int Chains = 12, Rounds = 200_000, Repeats = 5;

    private static float _sink;

    public static double Gflops()
    {
        int threads = WorkerPool.Shared.Threads, lanes = Math.Max(1, SimdDispatch.Bits / 32);
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repeats; i++)
        {
            Job job = default;
            long start = Stopwatch.GetTimestamp();
            WorkerPool.Shared.Run(threads, ref job);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2.0 * Chains * Rounds * lanes * threads / best / 1e9;
    }

    private struct Job : IParallelJob
    {
        public void Execute(int task)
        {
            Loop loop = default;
            SimdDispatch.Run<float, Loop>(ref loop);
        }
    }

    private struct Loop : ISimdAction<float>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<V, S>() where V : struct where S : struct, ISimd<float, V>
        {
            V factor = S.Constant(0.999), term = S.Constant(0.001);
            V a = term, b = term, c = term, d = term, e = term, f = term, g = term, h = term, i = term, j = term, k = term, l = term;
            for (int round = 0; round < Rounds; round++)
            {
                a = S.MultiplyAdd(a, factor, term);
                b = S.MultiplyAdd(b, factor, term);
                c = S.MultiplyAdd(c, factor, term);
                d = S.MultiplyAdd(d, factor, term);
                e = S.MultiplyAdd(e, factor, term);
                f = S.MultiplyAdd(f, factor, term);
                g = S.MultiplyAdd(g, factor, term);
                h = S.MultiplyAdd(h, factor, term);
                i = S.MultiplyAdd(i, factor, term);
                j = S.MultiplyAdd(j, factor, term);
                k = S.MultiplyAdd(k, factor, term);
                l = S.MultiplyAdd(l, factor, term);
            }

            V sum = S.Add(S.Add(S.Add(a, b), S.Add(c, d)), S.Add(S.Add(e, f), S.Add(g, h)));
            _sink = S.Sum(S.Add(sum, S.Add(S.Add(i, j), S.Add(k, l))));
        }
    }
}
