using System.Diagnostics;

namespace Gradwright.Bench;

/// <summary>How many processors this process and all others kept busy since it was made. Linux counts in ticks: good over 0.3 s and more.</summary>
internal sealed class CpuClock
{
    private const double TicksPerSecond = 100;      // USER_HZ, the unit of /proc/stat on every Linux

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly double _own = OwnSeconds(), _all = AllSeconds();

    /// <summary>Processors in use: by this process, and by the others (0 where the system does not tell).</summary>
    public (double Own, double Other) Read()
    {
        double wall = Stopwatch.GetElapsedTime(_start).TotalSeconds, own = OwnSeconds() - _own, all = AllSeconds() - _all;
        return (own / wall, Math.Max(0, (all - own) / wall));
    }

    private static double OwnSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;

    // cpu user nice system idle iowait irq softirq steal
    private static double AllSeconds()
    {
        if (!File.Exists("/proc/stat")) return 0;
        string line = File.ReadLines("/proc/stat").First();
        double[] ticks = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(double.Parse)];
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks.ElementAtOrDefault(7)) / TicksPerSecond;
    }
}
