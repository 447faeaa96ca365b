using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

public sealed class SearchSpaceTests
{
    [Test]
    public void Ranges_are_spread_as_the_courses_say()
    {
        SearchSpace space = new();
        Assert.That(space.Uniform("dropout", 0.2, 0.6).At(0.25), Is.EqualTo(0.3).Within(1e-15));
        Assert.That(space.LogUniform("rate", 1e-6, 10).At(2 / 7.0), Is.EqualTo(1e-4).Within(1e-17), "10^U(−6, 1)");
        Hyperparameter<double> momentum = space.NearOne("momentum", 0.9, 0.999);
        Assert.That(momentum.At(0.5), Is.EqualTo(0.99).Within(1e-15), "1 − 10^U(−3, −1)");
        Assert.That((momentum.At(0), momentum.Text(1)), Is.EqualTo((0.9, "0.999")));
    }

    [Test]
    public void Every_whole_number_is_equally_likely_or_its_logarithm_is()
    {
        SearchSpace space = new();
        Hyperparameter<int> plain = space.Integer("layers", 1, 4), logarithmic = space.Integer("width", 4, 64, logarithmic: true);
        Assert.That(Enumerable.Range(0, 100).GroupBy(i => plain.At((i + 0.5) / 100)).Select(g => (g.Key, g.Count())), Is.EqualTo(new[] { (1, 25), (2, 25), (3, 25), (4, 25) }));
        Assert.That((logarithmic.At(0), logarithmic.At(1)), Is.EqualTo((4, 64)));
        Assert.That(Enumerable.Range(0, 1000).Count(i => logarithmic.At(i / 1000.0) <= 16), Is.InRange(490, 560), "half of the logarithms");
        for (int n = 4; n <= 64; n++) Assert.That(Enumerable.Range(0, 10_000).Any(i => logarithmic.At(i / 10_000.0) == n), Is.True, $"{n}");
        foreach (double u in (double[])[0, 0.2, 0.7, 1]) Assert.That(logarithmic.At(logarithmic.Snap(u)), Is.EqualTo(logarithmic.At(u)));
    }

    [Test]
    public void Choices_may_be_anything_that_its_text_tells_apart()
    {
        SearchSpace space = new();
        Hyperparameter<DayOfWeek> day = space.Choice("day", DayOfWeek.Monday, DayOfWeek.Friday, DayOfWeek.Sunday);
        Assert.That(((double[])[0, 0.3, 0.4, 0.9, 1]).Select(day.At), Is.EqualTo(new[] { DayOfWeek.Monday, DayOfWeek.Monday, DayOfWeek.Friday, DayOfWeek.Sunday, DayOfWeek.Sunday }));
        Assert.That(day.Snap(0.6), Is.EqualTo(0.5).Within(1e-15));
        Assert.That(() => space.Choice("twice", "a", "a"), Throws.ArgumentException.With.Message.Contains("different texts"));
    }

    [Test]
    public void A_spread_puts_one_into_each_part_of_every_range()
    {
        SearchSpace space = new();
        space.Uniform("a", 0, 1);
        space.LogUniform("b", 1, 10);
        double[][] positions = space.Spread(12, new Generator(3));
        for (int d = 0; d < 2; d++) Assert.That(positions.Select(p => (int)(12 * p[d])).Order(), Is.EqualTo(Enumerable.Range(0, 12)));
    }

    [Test]
    public void Mistakes_are_explained()
    {
        SearchSpace space = new(), other = new();
        Assert.That(() => space.LogUniform("rate", 0, 1), Throws.ArgumentException.With.Message.Contains("'rate' needs a range from a positive number to a larger one, but goes from 0 to 1"));
        Assert.That(() => space.NearOne("momentum", 0.9, 1), Throws.ArgumentException.With.Message.Contains("below 1"));
        space.Uniform("a", 0, 1);
        Assert.That(() => space.Integer("a", 1, 2), Throws.ArgumentException.With.Message.Contains("'a' is there already"));
        Hyperparameter<double> foreign = other.Uniform("b", 0, 1);
        SearchResult result = new HyperparameterSearch(space, SearchStrategy.Random(1)).Run(trial => trial.Get(foreign));
        Assert.That(result.Trials[0].Message, Does.Contain("'b' belongs to another SearchSpace"));
    }
}
