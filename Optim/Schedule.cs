namespace Gradwright.Optim;

/// <summary>
/// The learning rate at each step of a training. A pure function of the step's index, so a resumed training needs to know the
/// index only. Steps are optimizer steps (an epoch has as many as batches), counted from 0.
/// </summary>
/// <example><code>
/// optimizer.Schedule = Schedule.Warmup(500).Then(Schedule.Cosine(1e-3, steps: 20_000));
/// </code></example>
public abstract partial class Schedule
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

    /// <summary>The schedules that this one is made of.</summary>
    private protected virtual IReadOnlyList<Schedule> Parts => [];

    /// <summary>Those of its parts, itself included, that learn while a training runs, in a fixed order.</summary>
    internal IEnumerable<ReduceOnPlateau> Learning() => this is ReduceOnPlateau self ? [self, .. Parts.SelectMany(part => part.Learning())] : Parts.SelectMany(part => part.Learning());

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

    /// <summary>rate · factor^(number of <paramref name="at"/> that are ≤ t): falls at chosen steps.</summary>
    /// <param name="rate">The first rate.</param>
    /// <param name="at">The steps where it falls, ascending.</param>
    /// <param name="factor">What it is multiplied with.</param>
    public static Schedule MultiStep(double rate, ReadOnlySpan<long> at, double factor = 0.1)
    {
        Start(rate, nameof(MultiStep));
        Require.Positive(factor, nameof(MultiStep), nameof(factor), "Typical factors are 0.1 and 0.5.");
        long[] falls = at.ToArray();
        for (int i = 0; i < falls.Length; i++)
            if (falls[i] <= (i == 0 ? 0 : falls[i - 1]))
                throw new ArgumentException($"MultiStep: the steps [{string.Join(", ", falls)}] must be positive and ascending, but {falls[i]} is not. They are where the rate falls.", nameof(at));
        return new FormulaSchedule($"MultiStep({rate}, [{string.Join(", ", falls)}], factor: {factor})", t => rate * Math.Pow(factor, falls.Count(fall => fall <= t)));
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

    /// <summary>floor + (rate − floor) · (1 − t / steps)^power over <paramref name="steps"/> steps, then flat.</summary>
    public static Schedule Polynomial(double rate, long steps, double power = 1, double floor = 0)
    {
        Start(rate, nameof(Polynomial));
        Require.Count(steps, nameof(Polynomial), nameof(steps));
        Require.Positive(power, nameof(Polynomial), nameof(power), "1 is a straight line, 0.9 and 2 are common.");
        Floor(floor, nameof(Polynomial));
        return new FormulaSchedule($"Polynomial({rate}, steps: {steps}, power: {power}, floor: {floor})",
            t => t >= steps ? floor : floor + (rate - floor) * Math.Pow(1 - (double)t / steps, power));
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
        return new FormulaSchedule($"{this}.Then({steps}, {next})", t => t < steps ? Rate(t) : next.Rate(t - steps), this, next);
    }

    /// <summary>This schedule times a factor.</summary>
    public Schedule ScaledBy(double factor)
    {
        Require.Positive(factor, nameof(ScaledBy), nameof(factor), "It multiplies every rate.");
        return new FormulaSchedule($"{this}.ScaledBy({factor})", t => Rate(t) * factor, this);
    }

    /// <summary>
    /// This schedule, which suits batches of <paramref name="reference"/>, for another size: the rate grows in proportion (Goyal et al., 2017). Large batches need a
    /// <see cref="Warmup"/> too.
    /// </summary>
    public Schedule ForBatch(long size, long reference = 256)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(reference);
        return ScaledBy((double)size / reference);
    }

    /// <summary>A number is a constant schedule.</summary>
    public static implicit operator Schedule(double rate) => Constant(rate);

    private static double Start(double rate, string owner) => Require.Positive(rate, owner, nameof(rate), TypicalRate);
    private static void Decay(double k, string owner) => Require.NotNegative(k, owner, nameof(k), "The rate halves after 0.69 / k (exponential) or 1 / k (inverse time) steps.");
    private static void Floor(double floor, string owner) => Require.NotNegative(floor, owner, nameof(floor), "It is the rate to end with.");
}
