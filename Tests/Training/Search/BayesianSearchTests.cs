using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Whether a Bayesian search is worth its name, on real trainings.</summary>
public sealed class BayesianSearchTests
{
    private const int Seeds = 20, Trials = 40;

    [TestCase("moons")]
    [TestCase("wave")]
    public void Bayesian_search_beats_random_search_over_twenty_seeds(string task)
    {
        (SearchSpace space, Func<TrialContext, double> train) = task == "moons" ? SmallTrainings.Moons() : SmallTrainings.Wave();
        double[] bayesian = Best(SearchStrategy.Bayesian(Trials)), random = Best(SearchStrategy.Random(Trials));
        int wins = bayesian.Zip(random).Count(pair => pair.First < pair.Second);
        string figures = $"{task}: median loss {Median(bayesian):G4} and {Median(random):G4}, mean {bayesian.Average():G4} and {random.Average():G4}; better for {wins} of {Seeds} seeds, p = {SignTest(wins):G2}";
        TestContext.Out.WriteLine(figures);
        Assert.That(SignTest(wins), Is.LessThan(0.05), figures);
        Assert.That(Median(bayesian), Is.LessThan(Median(random)), figures);

        double[] Best(SearchStrategy strategy)
            => [.. Enumerable.Range(1, Seeds).Select(seed => new HyperparameterSearch(space, strategy) { Goal = SearchGoal.Minimize, Seed = (ulong)seed }.Run(train).Best.Score)];
    }

    [Test]
    public void A_sign_test_is_the_tail_of_a_fair_coin() => Assert.That(SignTest(18), Is.EqualTo((190 + 20 + 1) / 1048576.0).Within(1e-15));

    // The probability of so many heads or more of a fair coin.
    private static double SignTest(int wins)
    {
        double tail = 0, ways = 1;
        for (int k = Seeds; k >= wins; k--)
        {
            tail += ways;
            ways *= k / (Seeds - k + 1.0);
        }

        return tail / Math.Pow(2, Seeds);
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
