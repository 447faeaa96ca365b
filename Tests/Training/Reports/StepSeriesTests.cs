using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Curves of bounded length.</summary>
public sealed class StepSeriesTests
{
    [TestCase(10), TestCase(511), TestCase(512), TestCase(5000)]
    public void Points_are_means_of_equally_many_steps(int steps)
    {
        StepSeries series = new(2);
        for (int i = 1; i <= steps; i++) series.Add(i, i % 7, 3);
        StepCurve curve = series.Curve("c", 0);
        int group = steps < StepSeries.MostPoints ? 1 : (int)Math.Round(curve.Steps[1] - curve.Steps[0]);
        Assert.That(curve.Steps, Has.Count.LessThan(StepSeries.MostPoints).And.Count.EqualTo(steps / group));
        for (int i = 0; i < curve.Steps.Count; i++)
        {
            double[] members = [.. Enumerable.Range(i * group + 1, group).Select(step => (double)step)];
            Assert.That((curve.Steps[i], curve.Values[i]), Is.EqualTo((members.Average(), members.Average(step => step % 7))).Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-9));
        }

        Assert.That(series.Curve("d", 1).Values, Is.All.EqualTo(3));
    }

    [TestCase(3), TestCase(600), TestCase(1025)]
    public void A_series_that_was_saved_and_loaded_goes_on_alike(int at)
    {
        StepSeries whole = new(1), first = new(1), second = new(1);
        for (int i = 1; i <= 2500; i++) whole.Add(i, Value(i));
        for (int i = 1; i <= at; i++) first.Add(i, Value(i));
        second.Load(first.Save());
        for (int i = at + 1; i <= 2500; i++) second.Add(i, Value(i));
        Assert.That(second.Save(), Is.EqualTo(whole.Save()));

        static double Value(int i) => i == 17 ? double.NaN : Math.Sin(i);
    }

    [TestCase("?"), TestCase(""), TestCase("AAAAAAAAAAA=")]
    public void A_text_that_is_no_series_is_refused(string text) => Assert.That(() => new StepSeries(1).Load(text), Throws.TypeOf<FormatException>());

    [Test]
    public void A_series_of_other_columns_is_refused()
    {
        StepSeries series = new(4);
        series.Add(1, 1, 2, 3, 4);
        Assert.That(() => new StepSeries(2).Load(series.Save()), Throws.TypeOf<FormatException>().With.Message.Contains("2 columns"));
    }
}
