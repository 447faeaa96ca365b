namespace Gradwright.Optim;

public abstract partial class Schedule
{
    /// <summary>
    /// Half cosines from <paramref name="rate"/> to <paramref name="floor"/>, each followed by a jump back to the start (Loshchilov and Hutter, 2017).
    /// </summary>
    /// <param name="rate">The rate after each restart.</param>
    /// <param name="steps">Length of the first cosine.</param>
    /// <param name="growth">Each cosine is so many times longer than the one before, at least 1.</param>
    /// <param name="floor">What each one falls to.</param>
    public static Schedule CosineRestarts(double rate, long steps, int growth = 1, double floor = 0)
    {
        Start(rate, nameof(CosineRestarts));
        Require.Count(steps, nameof(CosineRestarts), nameof(steps));
        Floor(floor, nameof(CosineRestarts));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(growth);
        return new FormulaSchedule($"CosineRestarts({rate}, steps: {steps}, growth: {growth}, floor: {floor})", t =>
        {
            long length = steps;
            if (growth == 1) t %= length;
            else
            {
                for (; t >= length; length *= growth) t -= length;
            }

            return floor + (rate - floor) * (1 + Math.Cos(Math.PI * t / length)) / 2;
        });
    }

    /// <summary>Up and down between two rates in straight lines (Smith, 2017).</summary>
    /// <param name="low">The rate at the ends of a triangle.</param>
    /// <param name="high">The rate at the top of the first.</param>
    /// <param name="up">Steps from the low to the high rate.</param>
    /// <param name="down">Steps back; 0 is as many as up.</param>
    /// <param name="decay">How triangles change.</param>
    /// <param name="factor">The factor of <see cref="CyclicDecay.Exponential"/>.</param>
    public static Schedule Cyclic(double low, double high, long up, long down = 0, CyclicDecay decay = CyclicDecay.None, double factor = 1)
    {
        Require.Positive(low, nameof(Cyclic), nameof(low), TypicalRate);
        Require.Positive(high, nameof(Cyclic), nameof(high), TypicalRate);
        Require.Count(up, nameof(Cyclic), nameof(up));
        Require.Positive(factor, nameof(Cyclic), nameof(factor), "0.9999 shrinks the triangles slowly.");
        if (down == 0) down = up;
        Require.Count(down, nameof(Cyclic), nameof(down));
        long length = up + down;
        return new FormulaSchedule($"Cyclic({low}, {high}, up: {up}, down: {down}, decay: {decay}, factor: {factor})", t =>
        {
            long place = t % length;
            double height = place <= up ? (double)place / up : (double)(length - place) / down;
            return low + (high - low) * height * decay switch
            {
                CyclicDecay.Halving => Math.Pow(0.5, t / length),
                CyclicDecay.Exponential => Math.Pow(factor, t),
                _ => 1,
            };
        });
    }

    /// <summary>
    /// Falls from <paramref name="high"/> to <paramref name="low"/> in a straight line, cycle after cycle: the schedule of stochastic weight averaging (Izmailov et al.,
    /// 2018). After each cycle, that is after every <paramref name="steps"/>th step, the weights join a <see cref="WeightAverage.Equal"/>. Put
    /// <see cref="Then(long, Schedule)"/> in front for the training before.
    /// </summary>
    public static Schedule Sawtooth(double high, double low, long steps)
    {
        Require.Positive(high, nameof(Sawtooth), nameof(high), TypicalRate);
        Require.Positive(low, nameof(Sawtooth), nameof(low), TypicalRate);
        Require.Count(steps, nameof(Sawtooth), nameof(steps));
        return new FormulaSchedule($"Sawtooth({high}, {low}, steps: {steps})", t =>
        {
            double share = (t % steps + 1.0) / steps;
            return (1 - share) * high + share * low;
        });
    }

    /// <summary>
    /// One cycle (Smith and Topin, 2018): from high / <paramref name="divisor"/> up to <paramref name="high"/> and down to the first rate / <paramref name="finalDivisor"/>,
    /// along half cosines. Belongs with a momentum that goes the other way, <see cref="OneCycleMomentum"/>.
    /// </summary>
    /// <param name="high">The highest rate.</param>
    /// <param name="steps">Length of the training, at least 2.</param>
    /// <param name="rise">The share of the steps in which the rate rises, between 0 and 1.</param>
    /// <param name="divisor">What divides the highest rate to give the first.</param>
    /// <param name="finalDivisor">What divides the first rate to give the last.</param>
    public static Schedule OneCycle(double high, long steps, double rise = 0.3, double divisor = 25, double finalDivisor = 1e4)
    {
        Start(high, nameof(OneCycle));
        Require.Positive(divisor, nameof(OneCycle), nameof(divisor), "The usual value is 25.");
        Require.Positive(finalDivisor, nameof(OneCycle), nameof(finalDivisor), "The usual value is 1e4.");
        double first = high / divisor;
        return Bow($"OneCycle({high}, steps: {steps}, rise: {rise}, divisor: {divisor}, finalDivisor: {finalDivisor})", first, high, first / finalDivisor, steps, rise);
    }

    /// <summary>The momentum of <see cref="OneCycle"/>: from <paramref name="high"/> down to <paramref name="low"/> while the rate rises, and back.</summary>
    public static Schedule OneCycleMomentum(long steps, double high = 0.95, double low = 0.85, double rise = 0.3)
    {
        Require.Fraction(high, nameof(OneCycleMomentum), nameof(high), "The usual value is 0.95.");
        Require.Fraction(low, nameof(OneCycleMomentum), nameof(low), "The usual value is 0.85.");
        return Bow($"OneCycleMomentum({steps}, high: {high}, low: {low}, rise: {rise})", high, low, high, steps, rise);
    }

    /// <summary>
    /// A momentum for <see cref="Sgd.MomentumSchedule"/>: min(1 − 2^(−1 − log₂(⌊t / every⌋ + 1)), largest), that is ½, ¾, ⅚, ⅞, … (Sutskever et al., 2013).
    /// </summary>
    /// <param name="every">Steps between two values.</param>
    /// <param name="largest">What it grows to, below 1.</param>
    public static Schedule GrowingMomentum(long every = 250, double largest = 0.99)
    {
        Require.Count(every, nameof(GrowingMomentum), nameof(every));
        Require.Fraction(largest, nameof(GrowingMomentum), nameof(largest), "0.9, 0.99 and 0.999 are common.");
        return new FormulaSchedule($"GrowingMomentum(every: {every}, largest: {largest})", t => Math.Min(1 - 0.5 / (t / every + 1), largest));
    }

    /// <summary>first → middle → last along two half cosines that meet at step rise · steps − 1; the last value is that of step steps − 1.</summary>
    private static FormulaSchedule Bow(string text, double first, double middle, double last, long steps, double rise)
    {
        if (steps < 2) throw new ArgumentOutOfRangeException(nameof(steps), steps, $"{text}: steps must be at least 2; it is the length of the whole training.");
        double turn = rise * steps - 1, end = steps - 1;
        if (!(rise is > 0 and < 1) || turn <= 0)
            throw new ArgumentOutOfRangeException(nameof(rise), rise, $"{text}: rise must be between 0 and 1 and leave more than one step for the rise. The usual value is 0.3.");
        return new(text, t => t >= end ? last : t <= turn ? Cosine(first, middle, t / turn) : Cosine(middle, last, (t - turn) / (end - turn)));

        static double Cosine(double from, double to, double share) => to + (from - to) / 2 * (1 + Math.Cos(Math.PI * share));
    }
}
