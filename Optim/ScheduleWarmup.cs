namespace Gradwright.Optim;

/// <summary>A linear warm-up that waits for the schedule it leads to; made by <see cref="Schedule.Warmup"/>.</summary>
public readonly struct ScheduleWarmup
{
    private readonly long _steps;

    internal ScheduleWarmup(long steps) => _steps = steps;

    /// <summary>
    /// With n warm-up steps: (t + 1) / n of the first rate of <paramref name="schedule"/> while t &lt; n, so that step n − 1 runs at the
    /// full rate; then <paramref name="schedule"/>, which counts its steps from there.
    /// </summary>
    public Schedule Then(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        long n = _steps;
        return new FormulaSchedule($"Warmup({n}).Then({schedule})", t => t < n ? schedule.Rate(0) * (t + 1) / n : schedule.Rate(t - n), schedule);
    }
}
