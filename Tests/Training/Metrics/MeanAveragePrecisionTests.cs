using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Detections of a few boxes whose curves can be drawn by hand. Rows are class, score and box; a class of −1 fills up.</summary>
[InTensorScope]
public sealed class MeanAveragePrecisionTests
{
    private static readonly float[] _none = [-1, 0, 0, 0, 0, 0], _nothing = [-1, 0, 0, 0, 0];

    [Test]
    public void A_curve_with_a_false_alarm_between_two_hits()
    {
        MeanAveragePrecision metric = new([0.5]);
        Update(metric, [[0, 0.9f, 0, 0, 10, 10], [0, 0.8f, 50, 50, 60, 60], [0, 0.7f, 20, 20, 30, 30]], [[0, 0, 0, 10, 10], [0, 20, 20, 30, 30]]);
        Assert.That(metric.Value, Is.EqualTo((51 * 1 + 50 * (2 / 3.0)) / 101).Within(1e-15), "precision 1 up to a recall of 0.5, then 2/3");
        Assert.That(metric.Name, Is.EqualTo("mAP@0.5"));
    }

    [Test]
    public void A_higher_precision_at_a_higher_recall_counts_for_lower_recalls_too()
    {
        MeanAveragePrecision metric = new([0.5]);
        Update(metric, [[0, 0.9f, 50, 50, 60, 60], [0, 0.8f, 0, 0, 10, 10], [0, 0.7f, 20, 20, 30, 30]], [[0, 0, 0, 10, 10], [0, 20, 20, 30, 30]]);
        Assert.That(metric.Value, Is.EqualTo(2 / 3.0).Within(1e-15), "1/2 at the first hit, 2/3 at the second");
    }

    [Test]
    public void Recalls_that_are_never_reached_have_no_precision()
    {
        MeanAveragePrecision metric = new([0.5]);
        Update(metric, [[3, 0.2f, 0, 0, 10, 10]], [[3, 0, 0, 10, 10], [3, 20, 20, 30, 30], [3, 40, 40, 50, 50]]);
        Assert.That(metric.Value, Is.EqualTo(34 / 101.0).Within(1e-15), "0, 0.01, …, 0.33");
    }

    [Test]
    public void The_overlap_decides_at_which_thresholds_a_box_is_a_hit()
    {
        MeanAveragePrecision metric = new();
        Update(metric, [[0, 1, 0, 0, 10, 7]], [[0, 0, 0, 10, 10]]);     // overlap 0.7
        Assert.That(metric.At(0.7), Is.EqualTo(1));
        Assert.That(metric.At(0.75), Is.EqualTo(0));
        Assert.That(metric.Value, Is.EqualTo(5 / 10.0).Within(1e-15), "0.5, 0.55, 0.6, 0.65 and 0.7");
        Assert.That(() => metric.At(0.3), Throws.ArgumentException.With.Message.Contains("0.5, 0.55"));
    }

    [Test]
    public void The_surest_detection_chooses_first()
    {
        MeanAveragePrecision metric = new([0.5]);
        // Both overlap the object; the surer, though looser, takes it, and the other is a false alarm.
        Update(metric, [[0, 0.5f, 0, 0, 10, 10], [0, 0.6f, 0, 0, 10, 8]], [[0, 0, 0, 10, 10]]);
        Assert.That(metric.Value, Is.EqualTo(1), "the hit comes first");
        Update(metric, [[0, 0.9f, 70, 70, 80, 80]], [_nothing]);
        Assert.That(metric.Value, Is.EqualTo(0.5).Within(1e-15), "a surer false alarm in another image");
    }

    [Test]
    public void An_object_that_is_found_again_is_a_false_alarm()
    {
        MeanAveragePrecision metric = new([0.5]);
        Update(metric, [[0, 0.9f, 0, 0, 10, 10], [0, 0.8f, 0, 0, 10, 10], [0, 0.7f, 20, 20, 30, 30]], [[0, 0, 0, 10, 10], [0, 20, 20, 30, 30]]);
        Assert.That(metric.Value, Is.EqualTo((51 + 50 * (2 / 3.0)) / 101).Within(1e-15));
    }

    [Test]
    public void Classes_and_images_do_not_see_each_other()
    {
        MeanAveragePrecision metric = new([0.5]);
        metric.Update(Tensor.From([.. Row(0, 0.9f), .. Row(1, 0.9f), .. Row(1, 0.9f), .. _none], [2, 2, 6]), Tensor.From([0f, 0, 0, 10, 10, 2, 0, 0, 10, 10], [2, 1, 5]));
        Assert.That(metric.PerClass, Is.EqualTo(new Dictionary<long, double> { [0] = 1, [2] = 0 }), "class 1 has no objects, so no average precision");
        Assert.That(metric.Value, Is.EqualTo(0.5));

        static float[] Row(int c, float score) => [c, score, 0, 0, 10, 10];
    }

    [Test]
    public void Detections_in_a_crowd_are_neither_hits_nor_false_alarms()
    {
        MeanAveragePrecision metric = new([0.5]);
        float[][] detections = [[0, 0.9f, 50, 50, 55, 55], [0, 0.8f, 52, 52, 57, 57], [0, 0.7f, 0, 0, 10, 10]];
        Update(metric, detections, [[0, 40, 40, 90, 90, 1], [0, 0, 0, 10, 10, 0]]);
        Assert.That(metric.Value, Is.EqualTo(1));
        metric.Reset();
        Update(metric, detections, [[0, 40, 40, 90, 90, 0], [0, 0, 0, 10, 10, 0]]);
        Assert.That(metric.Value, Is.EqualTo(51 * (1 / 3.0) / 101).Within(1e-15), "as an object it overlaps them too little");
    }

    [Test]
    public void Only_the_surest_detections_of_an_image_count()
    {
        MeanAveragePrecision metric = new([0.5], mostDetections: 1);
        Update(metric, [[0, 0.5f, 0, 0, 10, 10], [0, 0.6f, 70, 70, 80, 80]], [[0, 0, 0, 10, 10]]);
        Assert.That(metric.Value, Is.EqualTo(0));
    }

    [Test]
    public void Boxes_without_area_overlap_nothing_and_images_may_be_empty()
    {
        MeanAveragePrecision metric = new([0.5]);
        Update(metric, [_none], [_nothing]);
        Assert.That(metric.Value, Is.NaN);
        Update(metric, [[0, 1, 5, 5, 5, 5]], [[0, 5, 5, 5, 5]]);
        Assert.That(metric.Value, Is.EqualTo(0));
        Assert.That(() => metric.Update(Tensor.Zeros([1, 2, 5]), Tensor.Zeros([1, 2, 5])), Throws.TypeOf<ShapeException>().With.Message.Contains("class, score, left"));
        Assert.That(() => new MeanAveragePrecision([0]), Throws.ArgumentException);
    }

    [Test]
    public void It_goes_on_from_its_state()
    {
        MeanAveragePrecision whole = new(), half = new();
        Add(whole);
        Add(half);
        MeanAveragePrecision rest = new() { State = [.. half.State] };
        Update(whole, [[1, 0.3f, 0, 0, 9, 9]], [[1, 0, 0, 10, 10]]);
        Update(rest, [[1, 0.3f, 0, 0, 9, 9]], [[1, 0, 0, 10, 10]]);
        Assert.That(rest.Value, Is.EqualTo(whole.Value).And.InRange(0.1, 0.9));
        Assert.That(() => rest.State = [1, 2], Throws.ArgumentException);

        static void Add(MeanAveragePrecision metric) => Update(metric, [[1, 0.9f, 0, 0, 10, 8], [1, 0.8f, 1, 1, 10, 10]], [[1, 0, 0, 10, 10], [4, 3, 3, 8, 8]]);
    }

    // One image.
    private static void Update(MeanAveragePrecision metric, float[][] detections, float[][] objects)
        => metric.Update(Tensor.From(detections.SelectMany(row => row).ToArray(), [1, detections.Length, 6]), Tensor.From(objects.SelectMany(row => row).ToArray(), [1, objects.Length, objects[0].Length]));
}
