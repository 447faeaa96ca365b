using Gradwright.Data;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Decisions by hand: 6 samples of 3 classes, and what must follow from them.</summary>
[InTensorScope]
public sealed class ClassificationMetricTests
{
    // target → prediction: 0→0, 0→0, 0→1, 1→1, 2→0, 2→2. Class 3 never occurs.
    private static Tensor Targets => Tensor.From(0L, 0L, 0L, 1L, 2L, 2L);

    private static Tensor Scores => Tensor.From(new float[,]
    {
        { 5, 1, 0, -1 }, { 2, 1, 0, -1 }, { 1, 2, 0, -1 }, { 0, 3, 1, -1 }, { 4, 0, 3, -1 }, { 0, 1, 2, -1 },
    });

    [Test]
    public void Precision_recall_and_F1_are_those_computed_by_hand()
    {
        // class 0: 2 hits, 1 false alarm, 1 miss; class 1: 1, 1, 0; class 2: 1, 0, 1.
        Assert.That(Updated(new Precision(4)).PerClass, Is.EqualTo(new[] { 2 / 3.0, 1 / 2.0, 1, double.NaN }));
        Assert.That(Updated(new Recall(4)).PerClass, Is.EqualTo(new[] { 2 / 3.0, 1, 1 / 2.0, double.NaN }));
        Assert.That(Updated(new FScore(4)).PerClass, Is.EqualTo(new[] { 2 / 3.0, 2 / 3.0, 2 / 3.0, double.NaN }));
        Assert.That(Updated(new MeanIoU(4)).PerClass, Is.EqualTo(new[] { 2 / 4.0, 1 / 2.0, 1 / 2.0, double.NaN }));
    }

    [TestCase(ClassAverage.Macro, (2 / 3.0 + 1 / 2.0 + 1) / 3, "precision")]
    [TestCase(ClassAverage.Micro, 4 / 6.0, "micro precision")]
    [TestCase(ClassAverage.Weighted, (3 * (2 / 3.0) + 1 * 0.5 + 2 * 1) / 6, "weighted precision")]
    public void Averages_weigh_classes_as_they_say(ClassAverage average, double expected, string name)
    {
        Precision precision = Updated(new Precision(4, average));
        Assert.That(precision.Value, Is.EqualTo(expected).Within(1e-15));
        Assert.That(precision.Name, Is.EqualTo(name));
    }

    [Test]
    public void F2_weighs_recall_four_times()
    {
        FScore score = Updated(new FScore(4, beta: 2));
        Assert.That(score.PerClass[1], Is.EqualTo(5 * 0.5 * 1 / (4 * 0.5 + 1)).Within(1e-15), "5PR / (4P + R)");
        Assert.That(score.Name, Is.EqualTo("F2"));
        Assert.That(() => new FScore(beta: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase(0.5, 2 / 3.0, 1.0)]
    [TestCase(0.75, 1 / 2.0, 1 / 2.0)]
    public void A_score_per_sample_is_compared_with_the_threshold(double threshold, double precision, double recall)
    {
        Tensor scores = Tensor.From(0.9f, 0.6f, 0.8f, 0.5f), targets = Tensor.From(1L, 1L, 0L, 0L);
        foreach (Tensor shaped in (Tensor[])[scores, scores.Reshape(4, 1)])
        {
            Assert.That(Updated(new Precision(2, ClassAverage.Binary, threshold), shaped, targets).Value, Is.EqualTo(precision).Within(1e-15));
            Assert.That(Updated(new Recall(2, ClassAverage.Binary, threshold), shaped, targets).Value, Is.EqualTo(recall));
        }

        Assert.That(() => new Precision(3, ClassAverage.Binary), Throws.ArgumentException.With.Message.Contains("3 classes"));
    }

    [Test]
    public void Pixels_are_samples_and_ignored_ones_count_nothing()
    {
        // Logits [1, 2, 2, 2]: class 1 where it is higher. Decisions 1 0 / 1 1; targets 1 0 / 0 ignored.
        Tensor logits = Tensor.From([0f, 1, 0, 0, 1, 0, 1, 1], [1, 2, 2, 2]), targets = Tensor.From([1L, 0, 0, 255], [1, 2, 2]);
        MeanIoU metric = Updated(new MeanIoU(2, ignoreIndex: 255), logits, targets);
        Assert.That(metric.PerClass, Is.EqualTo(new[] { 1 / 2.0, 1 / 2.0 }));
        Assert.That(metric.Matrix.Total, Is.EqualTo(3));
        Assert.That(() => new MeanIoU(2).Update(logits, targets), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("class 255").And.Message.Contains("leave out"));
    }

    [Test]
    public void Without_samples_there_is_no_value()
    {
        foreach (Metric metric in (Metric[])[new Precision(3), new Recall(3, ClassAverage.Micro), new FScore(3, ClassAverage.Weighted), new MeanIoU(3), new TopKAccuracy(1), new RocAuc(), new Perplexity(),
            new MeanAbsoluteError(), new MeanSquaredError(), new RSquared(), new MeanAveragePrecision()])
            Assert.That(metric.Value, Is.NaN, metric.Name);
    }

    [Test]
    public void What_does_not_fit_is_explained()
    {
        Assert.That(() => new Precision(3).Update(Scores, Targets), Throws.TypeOf<ShapeException>().With.Message.Contains("[batch, 3, …]"));
        Assert.That(() => new TopKAccuracy(5).Update(Scores, Targets), Throws.TypeOf<ShapeException>().With.Message.Contains("smaller k"));
        Assert.That(() => new Recall(4).State = [1, 2], Throws.ArgumentException.With.Message.Contains("16 counts"));
    }

    [Test]
    public void Top_k_counts_classes_with_higher_scores()
    {
        double[] expected = [4 / 6.0, 1, 1, 1];
        for (int k = 1; k <= 4; k++) Assert.That(Updated(new TopKAccuracy(k)).Value, Is.EqualTo(expected[k - 1]), $"k = {k}");
        Assert.That(Updated(new TopKAccuracy(1)).Value, Is.EqualTo(Updated(new Accuracy()).Value));
        Tensor tied = Tensor.From(new float[,] { { 1, 1, 1 }, { 1, 1, 1 }, { float.NaN, 0, 0 } });
        Assert.That(Updated(new TopKAccuracy(2), tied, Tensor.From(1L, 2L, 0L)).Value, Is.EqualTo(1 / 3.0), "earlier classes win ties, NaN is wrong");
    }

    [Test]
    public void A_metric_goes_on_from_its_state()
    {
        foreach (Func<Metric> make in (Func<Metric>[])[() => new Precision(4), () => new MeanIoU(4), () => new TopKAccuracy(2), () => new RocAuc(4), () => new Perplexity()])
        {
            Metric whole = make(), first = make(), second = make();
            foreach (Metric metric in (Metric[])[whole, first]) metric.Update(Scores[..4], Targets[..4]);
            second.State = [.. first.State];
            foreach (Metric metric in (Metric[])[whole, second]) metric.Update(Scores[4..], Targets[4..]);
            Assert.That(second.Value, Is.EqualTo(whole.Value).And.Not.NaN, whole.Name);
            whole.Reset();
            Assert.That(whole.Value, Is.NaN, whole.Name);
        }
    }

    [Test]
    public void A_confusion_matrix_shows_counts_shares_and_a_picture()
    {
        ConfusionMatrix matrix = Updated(new Precision(4)).Matrix;
        Assert.That((matrix[0, 0], matrix[0, 1], matrix[2, 0], matrix.Total), Is.EqualTo((2, 1, 1, 6)));
        Assert.That(matrix.ToString().Split('\n')[1], Is.EqualTo("     0  2  1  0  0"));
        double[,] rows = matrix.Normalized(), columns = matrix.Normalized(ConfusionShare.OfPredictions), all = matrix.Normalized(ConfusionShare.OfAll);
        Assert.That((rows[0, 1], columns[0, 1], all[0, 1]), Is.EqualTo((1 / 3.0, 1 / 2.0, 1 / 6.0)));
        Assert.That(rows[3, 0], Is.NaN);
        Picture picture = matrix.ToPicture(scale: 10);
        Assert.That((picture.Width, picture.Height, picture.Channels), Is.EqualTo((45, 45, 1)));
        Assert.That((picture[5, 5][0], picture[16, 5][0], picture[27, 5][0], picture[5, 40][0]), Is.EqualTo((85, 170, 255, 128)), "target 0 in the first row; class 3 has no row");
    }

    private static T Updated<T>(T metric) where T : Metric => Updated(metric, Scores, Targets);

    private static T Updated<T>(T metric, Tensor prediction, Tensor target) where T : Metric
    {
        metric.Update(prediction, target);
        return metric;
    }
}
