namespace Gradwright.Optim;

/// <summary>
/// Another schedule, multiplied by a factor each time a measured value has stopped improving. Its memory is part of the optimizer's state, so a resumed training
/// knows it.
/// </summary>
/// <example><code>
/// var plateau = new ReduceOnPlateau(Schedule.Warmup(500).Then(1e-3), patience: 5);
/// optimizer.Schedule = plateau;
/// …
/// plateau.Report(validationLoss);         // once per epoch
/// </code></example>
public sealed class ReduceOnPlateau : Schedule
{
    private readonly Schedule _schedule;
    private readonly double _factor, _threshold, _floor;
    private readonly long _patience, _cooldown;
    private readonly bool _largerIsBetter;
    private long _bad, _cooling;

    /// <summary>A schedule that waits for reports.</summary>
    /// <param name="schedule">What is multiplied; a number is a constant.</param>
    /// <param name="factor">By what, 0 &lt; factor &lt; 1.</param>
    /// <param name="patience">How many reports in a row may bring no improvement; the next one reduces the rate.</param>
    /// <param name="threshold">Improvement means better than the best by more than this share of it.</param>
    /// <param name="cooldown">Reports after a reduction that do not count.</param>
    /// <param name="floor">The rate is not reduced below this.</param>
    /// <param name="largerIsBetter">True for an accuracy, false for a loss.</param>
    public ReduceOnPlateau(Schedule schedule, double factor = 0.1, long patience = 10, double threshold = 1e-4, long cooldown = 0, double floor = 0, bool largerIsBetter = false)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (!(factor is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(factor), factor, $"ReduceOnPlateau: factor must be between 0 and 1, but is {factor}. 0.1 and 0.5 are common.");
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(cooldown);
        (_schedule, _factor, _patience, _cooldown, _largerIsBetter) = (schedule, factor, patience, cooldown, largerIsBetter);
        _threshold = Require.NotNegative(threshold, nameof(ReduceOnPlateau), nameof(threshold), "The usual value is 1e-4.");
        _floor = Require.NotNegative(floor, nameof(ReduceOnPlateau), nameof(floor), "It is the smallest rate.");
        Best = largerIsBetter ? double.NegativeInfinity : double.PositiveInfinity;
    }

    /// <summary>The best report so far.</summary>
    public double Best { get; private set; }

    /// <summary>What the schedule is multiplied with now.</summary>
    public double Scale { get; private set; } = 1;

    private protected override IReadOnlyList<Schedule> Parts => [_schedule];

    /// <summary>Tells the newest value of what is watched; NaN counts as no improvement.</summary>
    /// <returns>Whether the rate was reduced.</returns>
    public bool Report(double value)
    {
        double margin = double.IsInfinity(Best) ? 0 : Math.Abs(Best) * _threshold;
        if (_largerIsBetter ? value > Best + margin : value < Best - margin) (Best, _bad) = (value, 0);
        else _bad++;
        if (_cooling > 0)
        {
            _cooling--;
            _bad = 0;
        }

        if (_bad <= _patience) return false;
        Scale *= _factor;
        (_cooling, _bad) = (_cooldown, 0);
        return true;
    }

    protected override double RateCore(long step)
    {
        double rate = _schedule.Rate(step);
        return Math.Max(rate * Scale, Math.Min(rate, _floor));
    }

    public override string ToString()
        => $"ReduceOnPlateau({_schedule}, factor: {_factor}, patience: {_patience}, threshold: {_threshold}, cooldown: {_cooldown}, floor: {_floor}{(_largerIsBetter ? ", largerIsBetter: true" : "")})";

    /// <summary>What it remembers, as named numbers.</summary>
    internal (string Name, double Value)[] State
    {
        get => [("best", Best), ("scale", Scale), ("bad", _bad), ("cooling", _cooling)];
        set => (Best, Scale, _bad, _cooling) = (value[0].Value, value[1].Value, (long)value[2].Value, (long)value[3].Value);
    }
}
