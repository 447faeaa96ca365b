using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Rates at chosen steps, worked out by hand.</summary>
public sealed class ScheduleTests
{
    private static IEnumerable<TestCaseData> Rates()
    {
        yield return Case(Schedule.Constant(0.3), (0, 0.3), (1000, 0.3));
        yield return Case(Schedule.Step(0.1, every: 30), (0, 0.1), (29, 0.1), (30, 0.01), (59, 0.01), (60, 0.001));
        yield return Case(Schedule.Exponential(2, k: 0.5), (0, 2), (1, 1.2130613194252668), (10, 2 * Math.Exp(-5)));
        yield return Case(Schedule.InverseTime(1, k: 0.25), (0, 1), (4, 0.5), (12, 0.25));
        yield return Case(Schedule.InverseSquareRoot(1, scale: 100), (0, 1), (300, 0.5), (1500, 0.25));
        yield return Case(Schedule.Linear(1, steps: 4, floor: 0.2), (0, 1), (1, 0.8), (3, 0.4), (4, 0.2), (9, 0.2));
        yield return Case(Schedule.Cosine(1, steps: 100, floor: 0.5), (0, 1), (50, 0.75), (25, 0.75 + 0.25 * Math.Sqrt(0.5)), (100, 0.5), (101, 0.5));
        yield return Case(Schedule.Warmup(4).Then(Schedule.Linear(1, 10)), (0, 0.25), (1, 0.5), (3, 1), (4, 1), (5, 0.9), (14, 0));
        yield return Case(Schedule.Constant(1).Then(10, Schedule.Step(0.5, 10, 0.5)), (9, 1), (10, 0.5), (19, 0.5), (20, 0.25));
        yield return Case(Schedule.From(t => t * 0.5), (0, 0), (7, 3.5));
        yield return Case(0.125, (0, 0.125), (3, 0.125));

        static TestCaseData Case(Schedule schedule, params (long Step, double Rate)[] rates) => new TestCaseData(schedule, rates).SetArgDisplayNames($"{schedule}");
    }

    [TestCaseSource(nameof(Rates))]
    public void Rates_are_those_of_the_formula(Schedule schedule, (long Step, double Rate)[] rates)
    {
        foreach ((long step, double rate) in rates) Assert.That(schedule.Rate(step), Is.EqualTo(rate).Within(1e-15), $"step {step}");
    }

    [Test]
    public void Impossible_schedules_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Step(0.1, every: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Step(0.1, every: 10, factor: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Exponential(0.1, k: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Cosine(0.1, steps: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Cosine(0.1, steps: 10, floor: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Linear(-0.1, steps: 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Warmup(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(1).Rate(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(1).Then(0, 1));
    }

    [Test]
    public void A_formula_that_gives_an_impossible_rate_is_named()
    {
        string message = Assert.Throws<InvalidOperationException>(() => Schedule.Warmup(2).Then(Schedule.From(t => -1)).Rate(3))!.Message;
        Assert.That(message, Is.EqualTo("From(…) gives the learning rate -1 at step 1; it must be zero or positive, and finite."));
    }
}
