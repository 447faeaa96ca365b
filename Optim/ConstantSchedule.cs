namespace Gradwright.Optim;

internal sealed class ConstantSchedule(double rate) : Schedule
{
    protected override double RateCore(long step) => rate;

    public override string ToString() => $"Constant({rate})";
}
