namespace Gradwright.Optim;

/// <summary>A schedule that is one expression; <paramref name="text"/> is how it was made, <paramref name="parts"/> the schedules that it asks.</summary>
internal sealed class FormulaSchedule(string text, Func<long, double> rate, params Schedule[] parts) : Schedule
{
    private protected override IReadOnlyList<Schedule> Parts => parts;

    protected override double RateCore(long step) => rate(step);

    public override string ToString() => text;
}
