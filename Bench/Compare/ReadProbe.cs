using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gradwright.Kernels;

namespace Gradwright.Bench;

/// <summary>The most bytes per second that all threads together read from memory: sums over a buffer that no cache holds.</summary>
internal static unsafe class ReadProbe
{
    private const long Bytes = 512L << 20;
    private const int Repeats = 3, Tasks = 64;

    private static readonly Lazy<nint> Memory = new(Allocate);
    private static float _sink;

    public static double GBs()
    {
        Job job = new() { Start = (float*)Memory.Value };
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            WorkerPool.Shared.Run(Tasks, ref job);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return Bytes / best / 1e9;
    }

    // Written once: pages never written to are one and the same page of zeros.
    private static nint Allocate()
    {
        void* memory = NativeMemory.AlignedAlloc((nuint)Bytes, 2 << 20);
        NativeMemory.Fill(memory, (nuint)Bytes, 1);
        return (nint)memory;
    }

    private struct Job : IParallelJob
    {
        public float* Start;

        public void Execute(int task)
        {
            Loop loop = new() { Start = Start + task * (Bytes / sizeof(float) / Tasks) };
            SimdDispatch.Run<float, Loop>(ref loop);
        }
    }

    private struct Loop : ISimdAction<float>
    {
        public float* Start;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<V, S>() where V : struct where S : struct, ISimd<float, V>
        {
            V a = S.Constant(0), b = a, c = a, d = a;
            for (float* p = Start, end = Start + Bytes / sizeof(float) / Tasks; p < end; p += 4 * S.Count)
            {
                a = S.Add(a, S.Load(p));
                b = S.Add(b, S.Load(p + S.Count));
                c = S.Add(c, S.Load(p + 2 * S.Count));
                d = S.Add(d, S.Load(p + 3 * S.Count));
            }

            _sink = S.Sum(S.Add(S.Add(a, b), S.Add(c, d)));
        }
    }
}
