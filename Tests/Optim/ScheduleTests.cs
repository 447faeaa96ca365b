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
        yield return Case(Schedule.MultiStep(1, [3, 5], 0.5), (0, 1), (2, 1), (3, 0.5), (4, 0.5), (5, 0.25), (99, 0.25));
        yield return Case(Schedule.Polynomial(1, steps: 10, power: 2, floor: 0.5), (0, 1), (5, 0.625), (10, 0.5), (11, 0.5));
        yield return Case(Schedule.CosineRestarts(1, steps: 2, growth: 2), (0, 1), (1, 0.5), (2, 1), (4, 0.5), (6, 1), (10, 0.5));
        yield return Case(Schedule.Cyclic(1, 3, up: 2, down: 4), (0, 1), (1, 2), (2, 3), (4, 2), (6, 1), (8, 3));
        yield return Case(Schedule.Cyclic(1, 3, up: 1, decay: CyclicDecay.Halving), (1, 3), (2, 1), (3, 2), (5, 1.5));
        yield return Case(Schedule.Constant(1).Then(3, Schedule.Sawtooth(0.5, 0.1, steps: 4)), (2, 1), (3, 0.4), (4, 0.3), (6, 0.1), (7, 0.4));
        yield return Case(Schedule.OneCycle(10, steps: 11, rise: 0.5, divisor: 10, finalDivisor: 100), (0, 1), (10, 0.01), (11, 0.01));
        yield return Case(Schedule.GrowingMomentum(every: 10, largest: 0.9), (0, 0.5), (9, 0.5), (10, 0.75), (20, 5 / 6.0), (1000, 0.9));
        yield return Case(Schedule.Step(1, 10).ScaledBy(0.5), (0, 0.5), (10, 0.05));
        yield return Case(Schedule.Warmup(2).Then(0.1).ForBatch(1024), (0, 0.2), (1, 0.4), (9, 0.4));
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
        Assert.That(Assert.Throws<ArgumentException>(() => Schedule.MultiStep(1, [5, 5]))!.Message, Does.Contain("[5, 5] must be positive and ascending"));
        Assert.Throws<ArgumentException>(() => Schedule.MultiStep(1, [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Polynomial(1, 10, power: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.CosineRestarts(1, 10, growth: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Cyclic(1, 2, up: 0));
        Assert.That(Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.OneCycle(1, 1))!.Message, Does.Contain("steps must be at least 2"));
        Assert.That(Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.OneCycle(1, 10, rise: 0.1))!.Message, Does.Contain("leave more than one step"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.OneCycleMomentum(10, high: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.GrowingMomentum(largest: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(1).ScaledBy(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Constant(1).ForBatch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReduceOnPlateau(1, factor: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReduceOnPlateau(1, patience: -1));
    }

    [Test]
    public void A_formula_that_gives_an_impossible_rate_is_named()
    {
        string message = Assert.Throws<InvalidOperationException>(() => Schedule.Warmup(2).Then(Schedule.From(t => -1)).Rate(3))!.Message;
        Assert.That(message, Is.EqualTo("From(…) gives the learning rate -1 at step 1; it must be zero or positive, and finite."));
    }

    [Test]
    public void A_plateau_is_part_of_the_optimizers_state_wherever_it_is_nested()
    {
        using TestModel model = new(DType.Float32, [2]);
        ReduceOnPlateau first = new(Schedule.Warmup(2).Then(1), factor: 0.5, patience: 1, cooldown: 3), second = new(Schedule.Warmup(2).Then(1), factor: 0.5, patience: 1, cooldown: 3);
        using Sgd sgd = new(model.Parameters) { Schedule = Schedule.Constant(2).Then(5, first) }, other = new(model.Parameters) { Schedule = Schedule.Constant(2).Then(5, second) },
            plain = new(model.Parameters) { Schedule = Schedule.Linear(1, 10) };
        foreach (double loss in (double[])[5, 5, 5, 5]) first.Report(loss);
        Assert.That(first.Scale, Is.EqualTo(0.5));
        Assert.That(first.Rate(0), Is.EqualTo(0.25), "the warm-up is scaled too");
        using OptimizerState saved = sgd.SaveState();
        other.LoadState(saved);
        foreach (double loss in (double[])[5, 5, 5, 5, 5])
        {
            Assert.That(second.Report(loss), Is.EqualTo(first.Report(loss)));
            Assert.That((second.Scale, second.Best), Is.EqualTo((first.Scale, first.Best)));
        }

        Assert.That(Assert.Throws<ArgumentException>(() => plain.LoadState(saved))!.Message, Does.Contain("belong to nothing here, such as 'schedule.0."));
        using OptimizerState without = plain.SaveState();
        Assert.That(Assert.Throws<ArgumentException>(() => other.LoadState(without))!.Message, Does.Contain("lacks the number 'schedule.0.best'"));
    }
}
