namespace Gradwright.Optim;

/// <summary>A schedule that is one expression; <paramref name="text"/> is how it was made.</summary>
internal sealed class FormulaSchedule(string text, Func<long, double> rate) : Schedule
{
    protected override double RateCore(long step) => rate(step);

    public override string ToString() => text;
}
