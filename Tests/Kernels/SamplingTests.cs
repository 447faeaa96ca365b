using Gradwright.Checking;
using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>What columns, grids and regions of interest must fulfil beyond agreeing with others.</summary>
[InTensorScope]
public sealed class SamplingTests
{
    [Test]
    public void The_identity_map_reads_the_image_back([Values] bool alignCorners, [Values] GridBorder border, [Values] Interpolation mode)
    {
        Tensor x = Tensor.Normal([2, 3, 7, 5], new Generator(1), dtype: DType.Float64);
        Tensor identity = Tensor.From([1.0, 0, 0, 0, 1, 0], [1, 2, 3]).Expand([2, 2, 3]);
        AssertClose(x.GridSample(identity.AffineGrid((7, 5), alignCorners), mode, border, alignCorners), x, 1e-14);
    }

    [Test]
    public void A_mirroring_map_mirrors_the_image()
    {
        Tensor x = Tensor.Normal([1, 2, 4, 6], new Generator(2), dtype: DType.Float64);
        Tensor mirror = Tensor.From([-1.0, 0, 0, 0, 1, 0], [1, 2, 3]);
        AssertClose(x.GridSample(mirror.AffineGrid((4, 6))), x.Flip(3), 1e-14);
    }

    [Test]
    public void A_transformer_that_has_learnt_nothing_changes_nothing()
    {
        Linear last = new(3 * 5 * 4, 6, dtype: DType.Float64);
        last.Weight.FillInPlace(0);
        last.Bias!.CopyFrom(Tensor.From([1.0, 0, 0, 0, 1, 0], [6]));
        using SpatialTransformer transformer = new(new Sequential(new Flatten(), last));
        Tensor x = Tensor.Normal([2, 3, 5, 4], new Generator(3), dtype: DType.Float64);
        AssertClose(transformer.Forward(x), x, 1e-14);
        Assert.That(transformer.NamedParameters().Select(p => p.Name), Is.EqualTo(new[] { "localisation.1.weight", "localisation.1.bias" }));
    }

    [Test]
    public void Places_without_a_number_count_as_outside_or_as_the_first_pixel()
    {
        Tensor x = Tensor.From([1f, 2, 3, 4], [1, 1, 2, 2]);
        Tensor grid = Tensor.From([float.NaN, 0, 0, float.NaN, float.PositiveInfinity, 0, float.NegativeInfinity, -1], [1, 1, 4, 2]);
        Assert.That(x.GridSample(grid).ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 0, 0 }));
        Assert.That(x.GridSample(grid, border: GridBorder.Replicate).ToArray<float>(), Is.EqualTo(new float[] { 2, 1.5f, 3, 1 }));
        Assert.That(x.GridSample(grid, Interpolation.Nearest, GridBorder.Reflect).ToArray<float>(), Has.All.InRange(1, 4));
    }

    [Test]
    public void A_convolution_is_a_product_of_filters_and_columns()
    {
        Tensor x = Tensor.Normal([2, 3, 9, 8], new Generator(4), dtype: DType.Float64), weight = Tensor.Normal([5, 3, 3, 2], new Generator(5), dtype: DType.Float64);
        Tensor y = weight.Reshape(1, 5, 18).Expand([2, 5, 18]).MatMul(x.Unfold((3, 2), (2, 1), (1, 0), (1, 2)));
        Tensor expected = x.Convolution2D(weight, null, (2, 1), (1, 0), (1, 2));
        AssertClose(y.Reshape(expected.Shape), expected, 1e-13);
    }

    [Test]
    public void Folding_columns_multiplies_pixels_by_the_number_of_their_windows()
    {
        Tensor x = Tensor.Normal([1, 2, 5, 6], new Generator(6), dtype: DType.Float64), ones = Tensor.Ones([1, 2, 5, 6], DType.Float64);
        AssertClose(x.Unfold(3, padding: 1).Fold((5, 6), 3, padding: 1), x * ones.Unfold(3, padding: 1).Fold((5, 6), 3, padding: 1), 1e-14);
        Assert.That(HostValues.Of(x.Unfold(1).Fold((5, 6), 1)), Is.EqualTo(HostValues.Of(x)));
    }

    [Test]
    public void A_box_on_pixels_is_a_resized_part()
    {
        Tensor x = Tensor.Normal([1, 2, 8, 10], new Generator(7), dtype: DType.Float64);
        Tensor box = Tensor.From([0.0, 2, 1, 8, 5], [1, 5]);
        AssertClose(x.RoiAlign(box, (4, 6), samples: 1), x[.., .., 1..5, 2..8], 1e-14);
        AssertClose(x.RoiAlign(box, (2, 3), samples: 2), x[.., .., 1..5, 2..8].AveragePool2D(2), 1e-14);
        Tensor pixels = Tensor.From([0.0, 2, 1, 7, 4], [1, 5]);         // both ends included
        AssertClose(x.RoiPool(pixels, (2, 3)), x[.., .., 1..5, 2..8].MaxPool2D(2), 0);
    }

    [Test]
    public void Boxes_beyond_the_image_or_without_numbers_read_zeros()
    {
        Tensor x = Tensor.Ones([1, 1, 4, 4]);
        Tensor boxes = Tensor.From([0, 50, 50, 60, 60, 0, float.NaN, 0, 4, 4, 0, 0, 0, float.PositiveInfinity, 4], [3, 5]);
        Assert.That(x.RoiAlign(boxes, 2).ToArray<float>(), Is.All.Zero);
        Assert.That(x.RoiPool(boxes.Slice(0, 0, 1), 2).ToArray<float>(), Is.All.Zero);
        Assert.That(x.RoiPool(boxes, 2).ToArray<float>(), Has.All.InRange(0, 1));
        Assert.That(x.RoiAlign(Tensor.Zeros([0, 5]), 2).Shape, Is.EqualTo(new Shape([0, 1, 2, 2])));
        Assert.That(x.RoiPool(Tensor.Zeros([0, 5]), 2).Shape, Is.EqualTo(new Shape([0, 1, 2, 2])));
    }

    [Test]
    public void Suppression_keeps_the_best_of_a_heap_and_ties_go_to_the_first()
    {
        Tensor boxes = Tensor.From([0f, 0, 2, 2, 0, 0, 2, 2, 5, 5, 6, 6, 0, 0, 2, 2.1f], [4, 4]), scores = Tensor.From([0.5f, 0.5f, 0.1f, 0.4f], [4]);
        Assert.That(boxes.NonMaximumSuppression(scores, 0.5).ToArray<long>(), Is.EqualTo(new long[] { 0, 2 }));
        Assert.That(boxes.NonMaximumSuppression(scores, 0.5, Tensor.From([0L, 1, 0, 1], [4])).ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 2 }));
        Assert.That(boxes.NonMaximumSuppression(scores, 1).ToArray<long>(), Is.EqualTo(new long[] { 0, 1, 3, 2 }));
        Assert.That(Tensor.Zeros([0, 4]).NonMaximumSuppression(Tensor.Zeros([0]), 0.5).Shape, Is.EqualTo(new Shape([0])));
        Assert.That(boxes.BoxOverlaps(boxes).ToArray<float>()[..4], Is.EqualTo(new[] { 1, 1, 0, 4 / 4.2f }).Within(1e-6));
    }

    [Test]
    public void The_number_of_threads_changes_no_bit()
    {
        Tensor x = Tensor.Normal([2, 6, 40, 31], new Generator(8)), grid = Tensor.Uniform([2, 60, 90, 2], new Generator(9), -1.2, 1.2);
        Tensor boxes = Tensor.From([.. Enumerable.Range(0, 60).SelectMany(i => new[] { i % 2, i % 7, i % 11, i % 7 + 3 + i % 13, i % 11 + 9f })], [60, 5]);
        Threads.ChangeNoBit(Results, 1, 3);

        float[] Results()
        {
            using Tape tape = new();
            tape.Watch(x);
            tape.Watch(grid);
            Tensor y = x.GridSample(grid), r = x.RoiAlign(boxes, 5), p = x.RoiPool(boxes, 3), c = x.Unfold(3);
            Tensor[] d = [.. tape.Gradients((y * y).Sum() + (r * r).Sum() + (p * p).Sum() + (c * c).Sum(), [x, grid])];
            return [.. y.ToArray<float>(), .. r.ToArray<float>(), .. p.ToArray<float>(), .. d[0].ToArray<float>(), .. d[1].ToArray<float>()];
        }
    }

    [Test]
    public void Wrong_operands_and_arguments_are_explained()
    {
        Tensor x = Tensor.Zeros([2, 3, 6, 5]), grid = Tensor.Zeros([2, 4, 4, 2]), boxes = Tensor.Zeros([3, 5]), four = Tensor.Zeros([3, 4]);
        Assert.That(() => x.GridSample(Tensor.Zeros([1, 4, 4, 2])), Throws.TypeOf<ShapeException>().With.Message.Contains("with 2 images as in [2, 3, 6, 5]"));
        Assert.That(() => x.GridSample(grid.Cast(DType.Float64)), Throws.TypeOf<DTypeException>().With.Message.Contains("grid"));
        Assert.That(() => x.Unsqueeze(0).GridSample(grid), Throws.TypeOf<ShapeException>().With.Message.Contains("4 dimensions are expected"));
        Assert.That(() => x.AffineGrid(3), Throws.TypeOf<ShapeException>().With.Message.Contains("must be [images, 2, 3]"));
        Assert.That(() => Tensor.Zeros([1, 2, 3]).AffineGrid((0, 3)), Throws.TypeOf<ShapeException>().With.Message.Contains("at least 1"));
        Assert.That(() => x.Unfold(7), Throws.TypeOf<ShapeException>().With.Message.Contains("the height of the image is 6"));
        Assert.That(() => Tensor.Zeros([2, 13, 12]).Fold((6, 5), 2), Throws.TypeOf<ShapeException>().With.Message.Contains("a multiple of 4"));
        Assert.That(() => Tensor.Zeros([2, 12, 12]).Fold((6, 5), 2), Throws.TypeOf<ShapeException>().With.Message.Contains("the columns must be [2, 12, 20]"));
        Assert.That(() => x.RoiAlign(four, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("image, left, top, right, bottom"));
        Assert.That(() => x.RoiAlign(boxes, (0, 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("at least one"));
        Assert.That(() => x.RoiAlign(boxes, 2, samples: -1), Throws.ArgumentException.With.Message.Contains("-1 samples"));
        Assert.That(() => x.RoiAlign(boxes + 2, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("box 0 names image 2").And.Message.Contains("images 0 to 1"));
        Assert.That(() => x.RoiPool(boxes - 1, 2), Throws.TypeOf<ShapeException>().With.Message.Contains("box 0 names image -1"));
        Assert.That(() => x.RoiPool(boxes, 2, scale: 0), Throws.ArgumentException.With.Message.Contains("must be positive"));
        Assert.That(() => four.NonMaximumSuppression(Tensor.Zeros([2]), 0.5), Throws.TypeOf<ShapeException>().With.Message.Contains("one per box"));
        Assert.That(() => four.NonMaximumSuppression(Tensor.Zeros([3]), 1.5), Throws.ArgumentException.With.Message.Contains("between 0 and 1"));
        Assert.That(() => four.NonMaximumSuppression(Tensor.Zeros([3]), 0.5, Tensor.Zeros([3])), Throws.TypeOf<DTypeException>().With.Message.Contains("classes"));
        Assert.That(() => four.BoxOverlaps(boxes), Throws.TypeOf<ShapeException>().With.Message.Contains("must both be [boxes, 4]"));
        Assert.That(() => new SpatialTransformer(new Flatten()).Forward(x), Throws.TypeOf<ShapeException>().With.Message.Contains("six numbers per image"));
        using Tape tape = new();
        tape.Watch(boxes);
        Assert.That(() => tape.Gradients(x.RoiAlign(boxes, 2).Sum(), [boxes]), Throws.TypeOf<TapeException>().With.Message.Contains("boxes.Detach()"));
    }

    private static void AssertClose(Tensor actual, Tensor expected, double tolerance)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
        Values.AssertClose(HostValues.Of(actual), HostValues.Of(expected), tolerance, "result");
    }
}
