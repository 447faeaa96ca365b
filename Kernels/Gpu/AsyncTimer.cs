using System.Diagnostics;

namespace Gradwright.Kernels;

/// <summary>Times work that an accelerator does asynchronously.</summary>
internal static class AsyncTimer
{
    /// <summary>Seconds of one call: the fastest of several batches, each handed over as a whole and waited for once.</summary>
    /// <param name="accelerator">Who does it.</param>
    /// <param name="budget">Seconds to spend, about.</param>
    /// <param name="call">What is timed.</param>
    public static double Fastest(Accelerator accelerator, double budget, Action call)
    {
        call();
        double once = Time(accelerator, 1, call);
        int inner = (int)Math.Clamp(budget / 5 / Math.Max(once, 1e-7), 1, 1000);
        double best = double.PositiveInfinity;
        for (int i = 0; i < 4; i++) best = Math.Min(best, Time(accelerator, inner, call));
        return Math.Min(best, once);
    }

    private static double Time(Accelerator accelerator, int count, Action call)
    {
        accelerator.Synchronize();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++) call();
        accelerator.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / count;
    }
}
