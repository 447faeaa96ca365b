using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Bench;

/// <summary>
/// How long a number takes from one thread's processor to another's and back. A virtual machine's processors may lie behind one last-level cache at one moment, and behind
/// two at the next: then this takes several times as long, and two threads find twice as much of a large tensor in caches.
/// </summary>
internal static unsafe class HandoverProbe
{
    private const int Rounds = 2000, Repeats = 3;

    private static readonly nint Line = (nint)NativeMemory.AlignedAlloc(128, 128);      // a cache line of its own, and its neighbour

    /// <summary>The shortest of a few averages, in nanoseconds; 0 with one thread.</summary>
    public static double Nanoseconds()
    {
        if (WorkerPool.Shared.Threads == 1) return 0;
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repeats; i++)
        {
            *(int*)Line = 0;
            Job job = default;
            long start = Stopwatch.GetTimestamp();
            WorkerPool.Shared.Run(2, ref job);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Rounds);
        }

        return best;
    }

    private struct Job : IParallelJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int task)
        {
            ref int turn = ref *(int*)Line;
            for (int i = 0; i < Rounds; i++)
            {
                while (Volatile.Read(ref turn) != 2 * i + task)
                {
                    if (X86Base.IsSupported) X86Base.Pause();
                }

                Volatile.Write(ref turn, 2 * i + task + 1);
            }
        }
    }
}
