using Gradwright.Layers;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Grad-CAM and occlusion by hand.</summary>
[InTensorScope]
public sealed class SaliencyImageTests
{
    [Test]
    public void GradCam_is_the_rectified_sum_of_channels_weighted_by_their_mean_gradients()
    {
        using Sequential model = Planted(out float[] a, out float[] b);
        Tensor x = Tensor.From([1f, -2, 3, -4], [1, 1, 2, 2]);
        // Channels x and −2x; the class's weights have the means 2 and 1.5, so the sum is 2x − 3x = −x.
        Assert.That((a.Average(), b.Average()), Is.EqualTo((2, 1.5)));
        float[] expected = [0, 2, 0, 4];
        Assert.That(Saliency.GradCam(model, x, [1]).ToArray<float>(), Is.EqualTo(expected), "the last convolution is the layer");
        Assert.That(Saliency.GradCam(model, x, "1", [1]).ToArray<float>(), Is.EqualTo(expected), "named by its path");
        Assert.That(Saliency.GradCam(model, x, [1], model[1]).ToArray<float>(), Is.EqualTo(expected), "given");
        Assert.That(Saliency.GradCam(model, x, [0]).ToArray<float>(), Is.EqualTo(new float[4]), "this class looks at nothing");
    }

    [Test]
    public void The_last_convolution_includes_the_activation_behind_it()
    {
        using Sequential model = new(new Conv2D(1, 1, 1, bias: false), new ReLU(), new MaxPool2D(2), new Flatten(), new Linear(1, 2, bias: false));
        ((Conv2D)model[0]).Weight.FillInPlace(1);
        ((Linear)model[4]).Weight.CopyFrom([0f, 8]);
        Tensor x = Tensor.From([1f, -2, 3, 0.5f], [1, 1, 2, 2]);       // the gradient 8 goes to the largest pixel, a mean of 2
        Assert.That(Saliency.GradCam(model, x, [1]).ToArray<float>(), Is.EqualTo(new[] { 2f, 0, 6, 1 }));
        Assert.That(Saliency.GradCam(model, x, "1", [1]).ToArray<float>(), Is.EqualTo(new[] { 2f, 0, 6, 1 }));
        Assert.That(Saliency.GradCam(model, -x, [0]).ToArray<float>(), Is.All.Zero);
        Assert.That(Saliency.GradCam(model, x, "2", [1]).ToArray<float>(), Is.All.EqualTo(24), "the pooled pixel 3 with the gradient 8");
    }

    [Test]
    public void GradCam_is_enlarged_to_the_image()
    {
        using Sequential model = new(new Conv2D(1, 1, 2, stride: 2, bias: false), new Flatten(), new Linear(6, 2, bias: false));
        ((Conv2D)model[0]).Weight.FillInPlace(0.25);
        ((Linear)model[2]).Weight.CopyFrom([0f, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
        Tensor x = Tensor.Uniform([2, 1, 5, 7], new Generator(1)), coarse = x[.., .., ..4, ..6].AveragePool2D(2);
        Tensor expected = coarse.Resize([5, 7], Interpolation.Linear).Squeeze(1);
        Values.AssertClose(HostValues.Of(Saliency.GradCam(model, x, [1, 1])), HostValues.Of(expected), 1e-6, "map");
    }

    [Test]
    public void Occlusion_is_the_mean_fall_of_the_windows_over_a_pixel()
    {
        const int height = 5, width = 7;
        const double covered = 0.5;
        using Sequential model = new(new Flatten(), new Linear(2 * height * width, 3, dtype: DType.Float64));
        Tensor x = Tensor.Normal([3, 2, height, width], new Generator(4), dtype: DType.Float64);
        long[] classes = [2, 0, 1];
        double[] map = Saliency.Occlusion(model, x, classes, (2, 3), 2, covered).ToArray<double>();
        double[] weights = ((Linear)model[1]).Weight.ToArray<double>(), values = x.ToArray<double>(), expected = new double[3 * height * width];
        for (int n = 0; n < 3; n++)
            for (int i = 0; i < height * width; i++)
            {
                List<double> falls = [];
                foreach (int top in (int[])[0, 2, 3])
                    foreach (int left in (int[])[0, 2, 4])
                        if (i / width >= top && i / width < top + 2 && i % width >= left && i % width < left + 3) falls.Add(Fall(n, top, left));
                expected[n * height * width + i] = falls.Average();
            }

        Values.AssertClose(map, expected, 1e-12, "map");

        // Of a linear score: the sum of weight · (value − covered) over the window.
        double Fall(int n, int top, int left)
        {
            double sum = 0;
            for (int c = 0; c < 2; c++)
                for (int y = top; y < top + 2; y++)
                    for (int at = left; at < left + 3; at++)
                    {
                        int place = (c * height + y) * width + at;
                        sum += weights[classes[n] * 2 * height * width + place] * (values[n * 2 * height * width + place] - covered);
                    }

            return sum;
        }
    }

    [Test]
    public void A_window_as_large_as_the_image_gives_every_pixel_the_same()
    {
        using Sequential model = Planted(out _, out _);
        Tensor x = Tensor.From([1f, -2, 3, -4], [1, 1, 2, 2]);
        float[] map = Saliency.Occlusion(model, x, [1], window: 2).ToArray<float>();
        Assert.That(map, Is.All.EqualTo(((model.Forward(x) - model.Forward(x * 0))[0, 1]).ToDouble()));
        Assert.That(x.ToArray<float>(), Is.EqualTo(new[] { 1f, -2, 3, -4 }), "the image itself is not covered");
    }

    [Test]
    public void A_model_without_convolution_has_no_GradCam()
    {
        using Sequential model = new(new Flatten(), new Linear(4, 2), new ReLU());
        Tensor x = Tensor.Ones([1, 1, 2, 2]);
        Errors.Expect<InvalidOperationException>(() => Saliency.GradCam(model, x), "Saliency.GradCam", "no convolution", "Sequential(", "'1' (Linear)");
        Errors.Expect<ShapeException>(() => Saliency.GradCam(model, x, "1"), "[1, 2]", "Linear(4 → 2)", "before they are flattened");
        Errors.Expect<ArgumentException>(() => Saliency.GradCam(model, x, "7"), "no layer '7'", "'0' (Flatten)");
        using Linear other = new(1, 1);
        Errors.Expect<ArgumentException>(() => Saliency.GradCam(model, x, layer: other), "Linear(1 → 1) is no part of", "'2' (ReLU)");
        Errors.Expect<ShapeException>(() => Saliency.GradCam(model, Tensor.Ones([1, 4])), "[1, 4]", "[n, channels, height, width]");
    }

    [Test]
    public void Windows_that_do_not_cover_the_image_are_refused()
    {
        using Sequential model = Planted(out _, out _);
        Tensor x = Tensor.Ones([1, 1, 2, 2]);
        Errors.Expect<ArgumentException>(() => Saliency.Occlusion(model, x, window: 3), "3 × 3", "2 × 2");
        Errors.Expect<ArgumentException>(() => Saliency.Occlusion(model, x, window: 0), "0 × 0");
        Errors.Expect<ArgumentException>(() => Saliency.Occlusion(model, x, window: 1, stride: 2), "every 2 × 2", "not be longer");
        Errors.Expect<ShapeException>(() => Saliency.Occlusion(model, Tensor.Ones([2, 2])), "must be images");
    }

    // Two channels x and −2x, both on their way through a layer that does nothing, and two classes, of which the first looks at nothing.
    private static Sequential Planted(out float[] a, out float[] b)
    {
        (a, b) = ([1, 2, 3, 2], [0, 3, 1, 2]);
        Sequential model = new(new Identity(), new Conv2D(1, 2, 1, bias: false), new Identity(), new Flatten(), new Linear(8, 2, bias: false));
        ((Conv2D)model[1]).Weight.CopyFrom([1f, -2]);
        ((Linear)model[4]).Weight.CopyFrom([.. new float[8], .. a, .. b]);
        return model;
    }
}
