using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

/// <summary>Rates, step by step, against an independent implementation.</summary>
public sealed class SchedulesFixtureTests
{
    private static readonly Dictionary<string, Schedule> _schedules = new()
    {
        ["constant"] = Schedule.Constant(0.25),
        ["inverse time"] = Schedule.InverseTime(1, k: 0.25),
        ["inverse square root"] = Schedule.InverseSquareRoot(1, scale: 4),
        ["warm-up, then cosine"] = Schedule.Warmup(5).Then(Schedule.Cosine(1, 20)),
        ["step"] = Schedule.Step(1, every: 7, factor: 0.3),
        ["multi-step"] = Schedule.MultiStep(1, [3, 10, 11], factor: 0.5),
        ["exponential"] = Schedule.Exponential(1, k: -Math.Log(0.9)),
        ["cosine"] = Schedule.Cosine(1, 20, floor: 0.125),
        ["cosine restarts"] = Schedule.CosineRestarts(1, 5, floor: 0.125),
        ["cosine restarts, growing"] = Schedule.CosineRestarts(1, 5, growth: 2, floor: 0.125),
        ["linear"] = Schedule.Linear(1, 20, floor: 0.25),
        ["polynomial"] = Schedule.Polynomial(1, 20, power: 2),
        ["one cycle"] = Schedule.OneCycle(2, 20),
        ["one cycle, other options"] = Schedule.OneCycle(2, 30, rise: 0.4, divisor: 10, finalDivisor: 100),
        ["cyclic"] = Schedule.Cyclic(0.25, 1, up: 4, down: 6),
        ["cyclic, halving"] = Schedule.Cyclic(0.25, 1, up: 4, decay: CyclicDecay.Halving),
        ["cyclic, exponential"] = Schedule.Cyclic(0.25, 1, up: 4, decay: CyclicDecay.Exponential, factor: 0.9),
    };

    private static readonly Dictionary<string, Schedule> _momenta = new()
    {
        ["one cycle"] = Schedule.OneCycleMomentum(20),
        ["one cycle, other options"] = Schedule.OneCycleMomentum(30, high: 0.9, low: 0.8, rise: 0.4),
    };

    private static IEnumerable<TestCaseData> All() => Fixture.Cases("schedules").Where(c => !((Fixture)c.Arguments[0]!).Knows("values"));

    [TestCaseSource(nameof(All))]
    public void Rates_agree(Fixture fixture)
    {
        AssertRates(_schedules[fixture.Name], fixture.Values("outputs", "rates"));
        if (_momenta.TryGetValue(fixture.Name, out Schedule? momentum)) AssertRates(momentum, fixture.Values("outputs", "momenta"));
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["schedules", "plateau"])]
    public void Plateaus_are_noticed_at_the_same_reports(Fixture fixture)
    {
        ReduceOnPlateau schedule = fixture.Name == "plateau" ? new(1, factor: 0.5, patience: 2, threshold: 1e-3, cooldown: 1, floor: 0.2) : new(1, factor: 0.25, patience: 3, largerIsBetter: true);
        double[] rates = [.. fixture.Numbers("values").Select(value =>
        {
            schedule.Report(value);
            return schedule.Rate(0);
        })];
        Assert.That(rates, Is.EqualTo(fixture.Values("outputs", "rates")).Within(1e-12));
    }

    private static void AssertRates(Schedule schedule, double[] expected)
        => Assert.That(Enumerable.Range(0, expected.Length).Select(t => schedule.Rate(t)), Is.EqualTo(expected).Within(1e-12), $"{schedule}");
}
