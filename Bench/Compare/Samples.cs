using System.Diagnostics;

namespace Gradwright.Bench;

/// <summary>Timings of one case: seconds per call, ascending, and what else went on.</summary>
/// <param name="Seconds">Per call, one per sample.</param>
/// <param name="Inner">Calls per sample.</param>
/// <param name="Cpu">This process' processor time per second.</param>
/// <param name="Other">Everybody else's.</param>
internal sealed record Samples(double[] Seconds, int Inner, double Cpu, double Other)
{
    // Hot methods are compiled again in the background, 0.1 s and more after they became hot: a call is warm when a while brings nothing faster.
    private const double WarmUp = 0.2, LongestWarmUp = 2, ShortestSample = 0.002;

    public double Median => Seconds[Seconds.Length / 2];
    public double Min => Seconds[0];
    public double P90 => Seconds[Math.Min(Seconds.Length - 1, (int)(Seconds.Length * 0.9))];

    /// <summary>On a GPU a sample ends when the device has caught up; calls are handed over without waiting in between. Calls <paramref name="run"/> until <paramref name="budget"/> seconds are spent, in samples of at least 2 ms.</summary>
    public static Samples Take(Action run, double budget, int atLeast, double longest)
    {
        int inner = Math.Max(1, (int)(ShortestSample / Math.Max(Warm(run), 1e-8)));
        GC.Collect();
        List<double> seconds = [];
        CpuClock clock = new();
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            long before = Stopwatch.GetTimestamp();
            for (int i = 0; i < inner; i++) run();
            Accelerator.Default.Synchronize();
            seconds.Add(Stopwatch.GetElapsedTime(before).TotalSeconds / inner);
            double spent = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if ((spent >= budget && seconds.Count >= atLeast) || (spent > longest && seconds.Count >= 3)) break;
        }

        (double own, double other) = clock.Read();
        seconds.Sort();
        return new([.. seconds], inner, own, other);
    }

    /// <returns>The fastest call.</returns>
    private static double Warm(Action run)
    {
        double best = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            double before = best;
            best = Math.Min(best, Fastest(run, WarmUp));
            if (best > 0.95 * before || Stopwatch.GetElapsedTime(start).TotalSeconds > LongestWarmUp) return best;
        }
    }

    private static double Fastest(Action run, double seconds)
    {
        double best = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        do
        {
            long before = Stopwatch.GetTimestamp();
            run();
            Accelerator.Default.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(before).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return best;
    }
}
