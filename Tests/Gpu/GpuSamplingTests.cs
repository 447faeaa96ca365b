using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>
/// Pooling of regions, sampling and detection on a GPU against the CPU, where samples do not reach: many groups, equal numbers, NaN, nothing at all, and errors.
/// </summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuSamplingTests(string device) : GpuFixture(device)
{
    [Test]
    public void Maxima_and_their_places_are_the_processors_with_equal_numbers_and_NaN()
    {
        Tensor x = Tensor.RandomIntegers([2, 3, 5, 9, 31], new Generator(1), 0, 4).Cast(DType.Float32);
        x = x.MaskedFill(Tensor.Bernoulli(x.Shape, new Generator(2), 0.02, DType.Bool), double.NaN);
        (Tensor y, Tensor where) = x.MaxPool3DWithIndices(3, 2, 1);
        (Tensor onGpu, Tensor there) = x.To(Gpu).MaxPool3DWithIndices(3, 2, 1);
        Assert.That(HostValues.Of(onGpu), Is.EqualTo(HostValues.Of(y)));
        Assert.That(HostValues.Of(there), Is.EqualTo(HostValues.Of(where)));
        Assert.That(HostValues.Of(x.To(Gpu).AdaptiveMaxPool3D((2, 4, 10))), Is.EqualTo(HostValues.Of(x.AdaptiveMaxPool3D((2, 4, 10)))));
    }

    [Test]
    public void Random_regions_are_the_processors()
    {
        Tensor x = Tensor.Normal([3, 4, 40, 33], new Generator(3));
        Assert.That(HostValues.Of(x.To(Gpu).FractionalMaxPool2D(2, (28, 23), new Generator(4))), Is.EqualTo(HostValues.Of(x.FractionalMaxPool2D(2, (28, 23), new Generator(4)))));
    }

    [Test]
    public void The_later_of_several_values_for_one_place_stays()
    {
        Tensor x = Tensor.Normal([2, 3, 5000], new Generator(5)), where = Tensor.RandomIntegers([2, 3, 5000], new Generator(6), 0, 700);
        Assert.That(HostValues.Of(x.To(Gpu).MaxUnpool1D(where.To(Gpu), 700)), Is.EqualTo(HostValues.Of(x.MaxUnpool1D(where, 700))));
    }

    [Test]
    public void Suppression_of_many_boxes_keeps_the_same_ones([Values(1, 31, 32, 33, 700, 9000)] int count)
    {
        Tensor corner = Tensor.Uniform([count, 2], new Generator(7), 0, 200), size = Tensor.Uniform([count, 2], new Generator(8), 3, 20);
        Tensor boxes = Tensor.Concat([corner, corner + size], 1), scores = Tensor.RandomIntegers([count], new Generator(9), 0, 50).Cast(DType.Float32);
        Tensor classes = Tensor.RandomIntegers([count], new Generator(10), 0, 3);
        Assert.That(boxes.To(Gpu).NonMaximumSuppression(scores.To(Gpu), 0.2).ToArray<long>(), Is.EqualTo(boxes.NonMaximumSuppression(scores, 0.2).ToArray<long>()));
        Assert.That(boxes.To(Gpu).NonMaximumSuppression(scores.To(Gpu), 0.2, classes.To(Gpu)).ToArray<long>(), Is.EqualTo(boxes.NonMaximumSuppression(scores, 0.2, classes).ToArray<long>()));
    }

    [Test]
    public void Gradients_of_a_crowded_grid_and_of_crowded_boxes_agree()
    {
        Tensor x = Tensor.Normal([2, 5, 9, 7], new Generator(11), dtype: DType.Float32), grid = Tensor.Uniform([2, 50, 60, 2], new Generator(12), -1.4, 1.4);
        Tensor boxes = Tensor.From([.. Enumerable.Range(0, 40).SelectMany(i => new[] { i % 2, i % 7 - 2, i % 5 - 1f, i % 7 + 3 + i % 13, i % 5 + 6f })], [40, 5]);
        double[][] Gradients(Accelerator accelerator)
        {
            using Tape tape = new();
            Tensor a = tape.Watch(x.To(accelerator)), b = tape.Watch(grid.To(accelerator)), r = boxes.To(accelerator);
            Tensor y = a.GridSample(b, border: GridBorder.Reflect), z = a.RoiAlign(r, (3, 4), 0.5), p = a.RoiPool(r, 2);
            return [.. tape.Gradients((y * y).Sum() + (z * z).Sum() + (p * p).Sum(), [a, b]).Select(HostValues.Of)];
        }

        double[][] actual = Gradients(Gpu), again = Gradients(Gpu), expected = Gradients(CpuAccelerator.Instance);
        for (int i = 0; i < 2; i++)
        {
            Values.AssertClose(actual[i], expected[i], 2e-5, $"gradient {i}");
            Assert.That(again[i], Is.EqualTo(actual[i]), "the same bits again");
        }
    }

    [Test]
    public void Nothing_gives_nothing()
    {
        Tensor none = Tensor.Zeros([0, 3, 6, 6], accelerator: Gpu), some = Tensor.Ones([1, 2, 4, 4], accelerator: Gpu);
        Assert.That(none.AdaptiveMaxPool2D(2).Shape, Is.EqualTo(new Shape([0, 3, 2, 2])));
        Assert.That(none.Upsample(2).Shape, Is.EqualTo(new Shape([0, 3, 12, 12])));
        Assert.That(none.Unfold(2).Shape, Is.EqualTo(new Shape([0, 12, 25])));
        Assert.That(some.RoiAlign(Tensor.Zeros([0, 5], accelerator: Gpu), 2).Shape, Is.EqualTo(new Shape([0, 2, 2, 2])));
        Assert.That(Tensor.Zeros([0, 4], accelerator: Gpu).NonMaximumSuppression(Tensor.Zeros([0], accelerator: Gpu), 0.5).Count, Is.Zero);
        GridSampleTransposed back = new(new(true, GridBorder.Zeros, false), some.Shape);
        Assert.That(HostValues.Of(back.Execute(Tensor.Zeros([1, 2, 0, 3], accelerator: Gpu), Tensor.Zeros([1, 0, 3, 2], accelerator: Gpu))), Is.All.Zero);
    }

    [Test]
    public void Errors_that_only_the_device_sees_are_the_processors()
    {
        Tensor x = Tensor.Ones([2, 1, 4, 4], accelerator: Gpu), boxes = Tensor.From([0f, 0, 0, 3, 3, 2, 0, 0, 3, 3], [2, 5]).To(Gpu);
        Assert.That(() => x.RoiAlign(boxes, 2).ToArray<float>(), Throws.TypeOf<ShapeException>().With.Message.Contains("box 1 names image 2"));
        Assert.That(() => x.RoiPool(boxes, 2).ToArray<float>(), Throws.TypeOf<ShapeException>().With.Message.Contains("box 1 names image 2"));
        Tensor beyond = Tensor.Full([2, 1, 4, 4], 64, DType.Int64, Gpu);
        Assert.That(() => x.MaxUnpool2D(beyond, 8).ToArray<float>(), Throws.TypeOf<ShapeException>().With.Message.Contains("index 64").And.Message.Contains("positions 0 to 63"));
    }
}
