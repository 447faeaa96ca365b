namespace Gradwright.Optim;

/// <summary>
/// The learning rate at each step of a training. A pure function of the step's index, so a resumed training needs to know the
/// index only. Steps are optimizer steps (an epoch has as many as batches), counted from 0.
/// </summary>
/// <example><code>
/// optimizer.Schedule = Schedule.Warmup(500).Then(Schedule.Cosine(1e-3, steps: 20_000));
/// </code></example>
public abstract class Schedule
{
    private const string TypicalRate = "Typical learning rates are 1e-4 to 1e-1.";

    /// <summary>The rate for step <paramref name="step"/> (the first is 0); zero or positive.</summary>
    /// <exception cref="InvalidOperationException">The schedule's formula gives a negative number, infinity or NaN.</exception>
    public double Rate(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        double rate = RateCore(step);
        return double.IsFinite(rate) && rate >= 0 ? rate
            : throw new InvalidOperationException($"{this} gives the learning rate {rate} at step {step}; it must be zero or positive, and finite.");
    }

    /// <summary>The formula: may count on <paramref name="step"/> ≥ 0.</summary>
    protected abstract double RateCore(long step);

    /// <summary>Always <paramref name="rate"/>.</summary>
    public static Schedule Constant(double rate) => new ConstantSchedule(Start(rate, nameof(Constant)));

    /// <summary>rate · factor^⌊t / every⌋: falls by steps.</summary>
    public static Schedule Step(double rate, long every, double factor = 0.1)
    {
        Start(rate, nameof(Step));
        Require.Count(every, nameof(Step), nameof(every));
        Require.Positive(factor, nameof(Step), nameof(factor), "Typical factors are 0.1 and 0.5.");
        return new FormulaSchedule($"Step({rate}, every: {every}, factor: {factor})", t => rate * Math.Pow(factor, t / every));
    }

    /// <summary>rate · e^(−kt).</summary>
    public static Schedule Exponential(double rate, double k)
    {
        Start(rate, nameof(Exponential));
        Decay(k, nameof(Exponential));
        return new FormulaSchedule($"Exponential({rate}, k: {k})", t => rate * Math.Exp(-k * t));
    }

    /// <summary>rate / (1 + kt).</summary>
    public static Schedule InverseTime(double rate, double k)
    {
        Start(rate, nameof(InverseTime));
        Decay(k, nameof(InverseTime));
        return new FormulaSchedule($"InverseTime({rate}, k: {k})", t => rate / (1 + k * t));
    }

    /// <summary>rate / √(1 + t / scale); after a warm-up of <paramref name="scale"/> steps, the schedule of Vaswani et al. (2017).</summary>
    public static Schedule InverseSquareRoot(double rate, long scale = 1)
    {
        Start(rate, nameof(InverseSquareRoot));
        Require.Count(scale, nameof(InverseSquareRoot), nameof(scale));
        return new FormulaSchedule($"InverseSquareRoot({rate}, scale: {scale})", t => rate / Math.Sqrt(1 + (double)t / scale));
    }

    /// <summary>From <paramref name="rate"/> to <paramref name="floor"/> in a straight line over <paramref name="steps"/> steps, then flat.</summary>
    public static Schedule Linear(double rate, long steps, double floor = 0)
    {
        Start(rate, nameof(Linear));
        Require.Count(steps, nameof(Linear), nameof(steps));
        Floor(floor, nameof(Linear));
        return new FormulaSchedule($"Linear({rate}, steps: {steps}, floor: {floor})", t => t >= steps ? floor : rate + (floor - rate) * t / steps);
    }

    /// <summary>From <paramref name="rate"/> to <paramref name="floor"/> along half a cosine over <paramref name="steps"/> steps, then flat (Loshchilov and Hutter, 2017).</summary>
    public static Schedule Cosine(double rate, long steps, double floor = 0)
    {
        Start(rate, nameof(Cosine));
        Require.Count(steps, nameof(Cosine), nameof(steps));
        Floor(floor, nameof(Cosine));
        return new FormulaSchedule($"Cosine({rate}, steps: {steps}, floor: {floor})",
            t => t >= steps ? floor : floor + (rate - floor) * (1 + Math.Cos(Math.PI * t / steps)) / 2);
    }

    /// <summary>Any formula of the step's index.</summary>
    public static Schedule From(Func<long, double> rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        return new FormulaSchedule("From(…)", rate);
    }

    /// <summary>Grows in a straight line over <paramref name="steps"/> steps, to be followed by <see cref="ScheduleWarmup.Then"/>.</summary>
    public static ScheduleWarmup Warmup(long steps) => new(Require.Count(steps, nameof(Warmup), nameof(steps)));

    /// <summary>This schedule for the first <paramref name="steps"/> steps, then <paramref name="next"/>, which counts its steps from there.</summary>
    public Schedule Then(long steps, Schedule next)
    {
        ArgumentNullException.ThrowIfNull(next);
        Require.Count(steps, nameof(Then), nameof(steps));
        return new FormulaSchedule($"{this}.Then({steps}, {next})", t => t < steps ? Rate(t) : next.Rate(t - steps));
    }

    /// <summary>A number is a constant schedule.</summary>
    public static implicit operator Schedule(double rate) => Constant(rate);

    private static double Start(double rate, string owner) => Require.Positive(rate, owner, nameof(rate), TypicalRate);
    private static void Decay(double k, string owner) => Require.NotNegative(k, owner, nameof(k), "The rate halves after 0.69 / k (exponential) or 1 / k (inverse time) steps.");
    private static void Floor(double floor, string owner) => Require.NotNegative(floor, owner, nameof(floor), "It is the rate to end with.");
}
