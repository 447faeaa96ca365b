using Gradwright.Checking;
using Gradwright.Kernels;
using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>What poolings over regions, un-pooling and resizing must fulfil beyond agreeing with others.</summary>
[InTensorScope]
public sealed class RegionPoolingTests
{
    [Test]
    public void Unpooling_puts_the_maxima_back_where_they_were()
    {
        Tensor x = Tensor.Uniform([2, 3, 6, 8], new Generator(1), low: 0.1);
        (Tensor y, Tensor where) = x.MaxPool2DWithIndices(2);
        float[] before = x.ToArray<float>(), after = y.MaxUnpool2D(where, (6, 8)).ToArray<float>();
        HashSet<(int, long)> maxima = [.. where.ToArray<long>().Select((at, i) => (i / 12, at))];
        for (int i = 0; i < before.Length; i++) Assert.That(after[i], Is.EqualTo(maxima.Contains((i / 48, i % 48)) ? before[i] : 0), $"element {i}");
        Assert.That(y.MaxUnpool2D(where, (6, 8)).MaxPool2D(2).ToArray<float>(), Is.EqualTo(y.ToArray<float>()));
    }

    [Test]
    public void A_maximum_of_several_windows_is_put_back_once()
    {
        Tensor x = Tensor.From([1f, 5, 2, 0], [1, 1, 4]);
        (Tensor y, Tensor where) = x.MaxPool1DWithIndices(3, stride: 1);
        Assert.That(where.ToArray<long>(), Is.EqualTo(new long[] { 1, 1 }));
        Assert.That(y.MaxUnpool1D(where, 4).ToArray<float>(), Is.EqualTo(new float[] { 0, 5, 0, 0 }));
    }

    [Test]
    public void The_later_of_two_values_for_one_place_stays_and_gets_the_gradient()
    {
        using Tape tape = new();
        Tensor x = tape.Watch(Tensor.From([1f, 2, 3], [1, 1, 3]));
        Tensor y = x.MaxUnpool1D(Tensor.From([1L, 0, 1], [1, 1, 3]), 3);
        Assert.That(y.ToArray<float>(), Is.EqualTo(new float[] { 2, 3, 0 }));
        Assert.That(tape.Gradients((y * Tensor.From([10f, 20, 30], [1, 1, 3])).Sum(), [x])[0].ToArray<float>(), Is.EqualTo(new float[] { 0, 10, 20 }));
    }

    [Test]
    public void Volumes_of_one_slice_pool_as_images([Values] bool ceilMode)
    {
        Tensor x = Tensor.Normal([2, 3, 19, 23], new Generator(2));
        Assert.That(x.Unsqueeze(2).MaxPool3D((1, 3, 2), (1, 2, 3), (0, 1, 0), (1, 2, 1), ceilMode).ToArray<float>(),
            Is.EqualTo(x.MaxPool2D((3, 2), (2, 3), (1, 0), (2, 1), ceilMode).ToArray<float>()));
        AssertClose(x.Unsqueeze(2).AveragePool3D((1, 3, 2), (1, 2, 3), (0, 1, 0), ceilMode), x.AveragePool2D((3, 2), (2, 3), (1, 0), ceilMode), 1e-6);
    }

    [Test]
    public void Regions_of_equal_size_are_windows()
    {
        Tensor x = Tensor.Normal([2, 3, 12, 20], new Generator(3));
        Assert.That(x.AdaptiveMaxPool2D((4, 5)).ToArray<float>(), Is.EqualTo(x.MaxPool2D((3, 4)).ToArray<float>()));
        AssertClose(x.AdaptiveAveragePool2D((4, 5)), x.AveragePool2D((3, 4)), 1e-6);
        AssertClose(x.AdaptiveAveragePool2D(1), x.Mean([2, 3]), 1e-5);
    }

    [Test]
    public void The_mean_of_what_nearest_neighbours_enlarged_is_the_image()
    {
        Tensor x = Tensor.From([.. Enumerable.Range(0, 2 * 5 * 7).Select(i => (float)i)], [1, 2, 5, 7]);
        Assert.That(x.Upsample(4).AveragePool2D(4).ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
        Assert.That(x.Upsample(2)[0, 1, 3].ToArray<float>(), Is.EqualTo(x[0, 1, 1].ToArray<float>().SelectMany(v => new[] { v, v })));
    }

    [Test]
    public void Linear_interpolation_keeps_straight_lines_between_aligned_corners()
    {
        Tensor x = Tensor.Linspace(-3, 3, 7, DType.Float64).Reshape(1, 1, 7);
        AssertClose(x.Resize([25], Interpolation.Linear, alignCorners: true), Tensor.Linspace(-3, 3, 25, DType.Float64), 1e-15);
    }

    [Test]
    public void NaN_counts_as_largest_and_infinities_are_numbers()
    {
        Tensor x = Tensor.From([1, float.NaN, 3, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.PositiveInfinity, 0], [1, 1, 2, 2, 2]);
        (Tensor y, Tensor where) = x.MaxPool3DWithIndices((1, 2, 2));
        Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { float.NaN, float.PositiveInfinity }));
        Assert.That(where.ToArray<long>(), Is.EqualTo(new long[] { 1, 6 }));
        (Tensor low, Tensor first) = Tensor.Full([1, 1, 3], double.NegativeInfinity).MaxPool1DWithIndices(3);
        Assert.That(low.ToArray<float>(), Is.EqualTo(new[] { float.NegativeInfinity }));
        Assert.That(first.ToArray<long>(), Is.EqualTo(new long[] { 0 }));
    }

    [Test]
    public void The_first_of_equals_and_the_last_NaN_win_in_memory_order()
    {
        float n = float.NaN;
        Tensor equal = Tensor.From([0f, 1, 2, 2, 1, 2, 0, 0, 2], [1, 1, 3, 3]), nans = Tensor.From([n, 0, 0, 0, 5, n, 0, n, 7], [1, 1, 3, 3]);
        Assert.That(equal.MaxPool2DWithIndices(3).Indices.ToArray<long>(), Is.EqualTo(new long[] { 2 }));
        Assert.That(nans.MaxPool2DWithIndices(3).Indices.ToArray<long>(), Is.EqualTo(new long[] { 7 }));
    }

    [Test]
    public void An_empty_batch_pools_to_an_empty_batch()
    {
        Tensor x = Tensor.Zeros([0, 3, 6, 6]);
        Assert.That(x.AdaptiveMaxPool2D(2).Shape, Is.EqualTo(new Shape([0, 3, 2, 2])));
        Assert.That(x.AdaptiveAveragePool2D(2).Shape, Is.EqualTo(new Shape([0, 3, 2, 2])));
        Assert.That(x.FractionalMaxPool2D(2, 3, new Generator(1)).Shape, Is.EqualTo(new Shape([0, 3, 3, 3])));
        (Tensor y, Tensor where) = x.MaxPool2DWithIndices(2);
        Assert.That(y.MaxUnpool2D(where, 6).Shape, Is.EqualTo(x.Shape));
    }

    [Test]
    public void Fractional_windows_cover_the_image_and_are_drawn_anew()
    {
        FractionalMaxPool2D layer = new(2, ratio: 0.7);
        layer.Initialize(new Generator(4));
        Tensor x = Tensor.Uniform([2, 3, 25, 20], new Generator(5));
        Tensor one = layer.Forward(x), two = layer.Forward(x);
        Assert.That(one.Shape, Is.EqualTo(new Shape([2, 3, 17, 14])));
        Assert.That(one.ToArray<float>(), Is.Not.EqualTo(two.ToArray<float>()));
        layer.Initialize(new Generator(4));
        Assert.That(layer.Forward(x).ToArray<float>(), Is.EqualTo(one.ToArray<float>()));
        layer.Eval();
        Assert.That(layer.Forward(x).ToArray<float>(), Is.EqualTo(layer.Forward(x).ToArray<float>()));
        // Distances between neighbouring windows are 1 or 2 for α between 1 and 2, the first one begins at 0, the last one ends at the end.
        AxisPlan plan = AxisMap.RandomRegions(2, 17).On(new MaxRegions([]), "height", 25);
        foreach (long draw in (long[])[0, 1, 77, 32768, 54321, 65535])
        {
            int[] starts = [.. Enumerable.Range(0, 17).Select(i => plan.Span(i, draw).First)];
            Assert.That(starts[0], Is.Zero);
            Assert.That(starts[^1], Is.EqualTo(23));
            Assert.That(starts.Zip(starts.Skip(1)).Select(pair => pair.Second - pair.First), Is.All.InRange(1, 2));
        }
    }

    [Test]
    public void Readers_of_an_element_are_the_positions_whose_span_holds_it([Values(1, 2, 3, 7, 10, 31)] int length, [Values(1, 2, 3, 5, 10, 33)] int output)
    {
        List<AxisMap> maps = [AxisMap.Regions(output), AxisMap.Nearest(output), AxisMap.Linear(output, false), AxisMap.Linear(output, true)];
        for (int size = 1; size <= 3; size++)
        {
            if (output + size - 1 <= length) maps.Add(AxisMap.RandomRegions(size, output));
            for (int stride = 1; stride <= 3; stride++)
                for (int dilation = 1; dilation <= 2; dilation++)
                    for (int padding = 0; 2 * padding <= dilation * (size - 1) + 1 && length + 2 * padding > dilation * (size - 1); padding++)
                        maps.Add(AxisMap.Windows(new(size, stride, padding, dilation), ceilMode: output % 2 == 0));
        }

        foreach (AxisMap map in maps)
        {
            foreach (long draw in (long[])[0, 12345, 65535])
            {
                AxisPlan plan = map.On(new MaxRegions([]), "width", length);
                for (int j = 0; j < length; j++)
                {
                    AxisSpan readers = plan.Readers(j, draw);
                    for (int i = 0; i < plan.Output; i++)
                    {
                        AxisSpan span = plan.Span(i, draw);
                        long step = map.Rule == AxisRule.Window ? plan.Dilation : 1, offset = j - span.First;
                        bool reads = offset >= 0 && offset % step == 0 && offset / step < span.Count;
                        Assert.That(span.First, Is.InRange(0, length - 1));
                        if (reads) Assert.That(i, Is.InRange(readers.First, readers.End - 1), $"{map}: position {i} reads {j} of {length}, draw {draw}");
                        else if (i >= readers.First && i < readers.End && map.Rule != AxisRule.Window)
                            Assert.That(plan.Weight(i, j), map.Rule == AxisRule.Linear ? Is.Zero : Is.NaN, $"{map}: position {i} does not read {j} of {length}, draw {draw}");
                    }
                }
            }
        }
    }

    [Test]
    public void The_number_of_threads_changes_no_bit()
    {
        Tensor x = Tensor.Normal([3, 5, 9, 40, 31], new Generator(6));
        Threads.ChangeNoBit(Results, 1, 3);

        float[] Results()
        {
            using Tape tape = new();
            tape.Watch(x);
            Tensor y = x.MaxPool3D(3, 2, 1), z = x.AdaptiveAveragePool3D((4, 7, 33)), u = x.Upsample(1.5, Interpolation.Linear);
            Tensor dx = tape.Gradients((y * y).Sum() + (z * z).Sum() + (u * u).Sum(), [x])[0];
            return [.. y.ToArray<float>(), .. z.ToArray<float>(), .. u.ToArray<float>(), .. dx.ToArray<float>()];
        }
    }

    [Test]
    public void Wrong_operands_and_arguments_are_explained()
    {
        Tensor sequence = Tensor.Zeros([2, 3, 7]), picture = Tensor.Zeros([2, 3, 6, 5]), volume = Tensor.Zeros([1, 2, 4, 5, 6]);
        Assert.That(() => picture.MaxPool1D(2), Throws.TypeOf<ShapeException>().With.Message.Contains("MaxPool1D: x has shape [2, 3, 6, 5]").And.Message.Contains("[images, channels, length]"));
        Assert.That(() => sequence.AveragePool1D(8), Throws.TypeOf<ShapeException>().With.Message.Contains("the window has size 8"));
        Assert.That(() => picture.MaxPool3D(2), Throws.TypeOf<ShapeException>().With.Message.Contains("[images, channels, depth, height, width]"));
        Assert.That(() => volume.MaxPool3D((5, 1, 1)), Throws.TypeOf<ShapeException>().With.Message.Contains("the depth of the image is 4"));
        Assert.That(() => volume.MaxPool3D(2, padding: 2), Throws.TypeOf<ShapeException>().With.Message.Contains("exceeds half of the window"));
        Assert.That(() => volume.AveragePool3D(2, stride: 0), Throws.TypeOf<ShapeException>().With.Message.Contains("stride 0"));
        Assert.That(() => Tensor.Zeros([1, 1, 1]).MaxPool1DWithIndices(2, padding: 1, dilation: 2), Throws.TypeOf<ShapeException>().With.Message.Contains("sees nothing"));
        Assert.That(() => picture.AdaptiveMaxPool2D((0, 2)), Throws.TypeOf<ShapeException>().With.Message.Contains("must be at least 1"));
        Assert.That(() => sequence.AdaptiveAveragePool2D(2), Throws.TypeOf<ShapeException>().With.Message.Contains("4 dimensions are expected"));
        Assert.That(() => picture.Cast(DType.Int64).AdaptiveAveragePool2D(2), Throws.TypeOf<DTypeException>().With.Message.Contains("is not Float32 or Float64"));
        Assert.That(() => picture.FractionalMaxPool2D(3, (4, 4)), Throws.TypeOf<ShapeException>().With.Message.Contains("4 windows of size 3 do not fit"));
        Assert.That(() => picture.MaxUnpool2D(Tensor.Zeros([2, 3, 6, 5]), 12), Throws.TypeOf<DTypeException>().With.Message.Contains("must be Int64"));
        Assert.That(() => picture.MaxUnpool2D(Tensor.Zeros([2, 3, 6, 4], DType.Int64), 12), Throws.TypeOf<ShapeException>().With.Message.Contains("must have the same shape"));
        Assert.That(() => sequence.MaxUnpool1D(Tensor.Full([2, 3, 7], 14, DType.Int64), 14), Throws.TypeOf<ShapeException>().With.Message.Contains("index 14").And.Message.Contains("positions 0 to 13"));
        Assert.That(() => picture.Resize([3], Interpolation.Linear), Throws.TypeOf<ShapeException>().With.Message.Contains("so many lengths"));
        Assert.That(() => picture.Resize([3, 3], Interpolation.Nearest, alignCorners: true), Throws.ArgumentException.With.Message.Contains("linear interpolation only"));
        Assert.That(() => picture.Upsample(0.1), Throws.TypeOf<ShapeException>().With.Message.Contains("must be at least 1"));
        Assert.That(() => new Upsample(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("positive and finite"));
        Assert.That(() => new FractionalMaxPool2D(2), Throws.ArgumentException.With.Message.Contains("either the output's size or its ratio"));
        Assert.That(() => new FractionalMaxPool2D(2, ratio: 1.2), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("between 0 and 1"));
        Assert.That(() => new GlobalMaxPool2D().Forward(sequence), Throws.TypeOf<ShapeException>().With.Message.Contains("[batch, channels, height, width]"));
    }

    private static void AssertClose(Tensor actual, Tensor expected, double tolerance)
        => Values.AssertClose(HostValues.Of(actual), HostValues.Of(expected), tolerance, "element");
}
