using Gradwright.Layers;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Saliency by gradients: against finite differences, by hand, and on models whose important inputs are known.</summary>
[InTensorScope]
public sealed class SaliencyTests
{
    private const double Small = 1e-5;

    private static Sequential Smooth => new(new Conv2D(2, 3, 3, dtype: DType.Float64), new Tanh(), new Flatten(), new Linear(3 * 3 * 5, 4, dtype: DType.Float64));

    private static Tensor Images => Tensor.Normal([3, 2, 5, 7], new Generator(5), dtype: DType.Float64);

    [Test]
    public void A_gradient_is_the_largest_difference_quotient_of_the_channels()
    {
        using Sequential model = Smooth;
        long[] classes = [3, 0, 2];
        double[] map = Saliency.Gradient(model, Images, classes).ToArray<double>(), signed = Saliency.InputTimesGradient(model, Images, classes).ToArray<double>();
        double[] values = Images.ToArray<double>(), quotients = Quotients(model, values, [3, 2, 5, 7], classes);
        Values.AssertClose(signed, [.. quotients.Zip(values, (q, x) => q * x)], 1e-8, "input times gradient");
        double[] largest = new double[3 * 35];
        for (int i = 0; i < quotients.Length; i++)
        {
            ref double at = ref largest[i / 70 * 35 + i % 35];
            at = Math.Max(at, Math.Abs(quotients[i]));
        }

        Values.AssertClose(map, largest, 1e-8, "gradient");
    }

    [Test]
    public void Integrated_gradients_add_up_to_the_difference_of_the_scores_the_better_the_more_steps()
    {
        using Sequential model = Smooth;
        Tensor baseline = Tensor.Normal([2, 5, 7], new Generator(6), dtype: DType.Float64);
        long[] classes = [1, 3, 1];
        double[] Missing(int steps)
        {
            double[] sums = Saliency.IntegratedGradients(model, Images, classes, baseline, steps).Sum([1, 2, 3]).ToArray<double>();
            return [.. sums.Select((sum, i) => Math.Abs(sum - (Score(model, Images, i, classes[i]) - Score(model, baseline.Unsqueeze(0), 0, classes[i]))))];
        }

        double[] few = Missing(8), many = Missing(80);
        Assert.That(many, Is.All.LessThan(1e-3));
        for (int i = 0; i < few.Length; i++) Assert.That(few[i] / many[i], Is.EqualTo(100).Within(20), $"the error falls with the square of the steps: {few[i]:G3}, {many[i]:G3}");
    }

    [Test]
    public void Integrated_gradients_of_a_linear_model_are_exact_for_tables_and_embeddings()
    {
        using Sequential rows = new(new Linear(4, 3, dtype: DType.Float64)), texts = new(new Flatten(), new Linear(12, 2, dtype: DType.Float64));
        rows.Initialize(new Generator(3));
        texts.Initialize(new Generator(3));
        Tensor table = Tensor.Normal([5, 4], new Generator(1), dtype: DType.Float64), embedded = Tensor.Normal([2, 3, 4], new Generator(2), dtype: DType.Float64);
        double[] expected = (table * ((Linear)rows[0]).Weight[2]).ToArray<double>();
        Values.AssertClose(Saliency.IntegratedGradients(rows, table, [2, 2, 2, 2, 2], steps: 1).ToArray<double>(), expected, 1e-14, "table");
        Values.AssertClose(Saliency.Gradient(rows, table, [2, 2, 2, 2, 2]).ToArray<double>(), [.. Enumerable.Repeat(((Linear)rows[0]).Weight[2].Abs().ToArray<double>(), 5).SelectMany(w => w)], 1e-14, "gradient");
        Values.AssertClose(Saliency.IntegratedGradients(texts, embedded, [1, 1], steps: 2).ToArray<double>(), (embedded * ((Linear)texts[1]).Weight[1].Reshape(3, 4)).ToArray<double>(), 1e-14, "embedding");
        Assert.That(Saliency.Gradient(texts, embedded).Shape, Is.EqualTo(embedded.Shape));
    }

    [Test]
    public void Guided_backpropagation_passes_positive_gradients_through_open_rectifiers_only()
    {
        using Sequential model = new(new Linear(2, 3), new Rectified(), new Linear(3, 2));
        ((Linear)model[0]).Weight.CopyFrom([1f, -1, 2, 1, 1, 3]);
        ((Linear)model[0]).Bias!.FillInPlace(0);
        ((Linear)model[2]).Weight.CopyFrom([3f, -5, 4, -2, 7, -6]);
        Tensor x = Tensor.From(new float[,] { { 1, 2 } });      // before the rectifier −1, 4, 7: the first unit is closed
        Assert.That(Saliency.InputTimesGradient(model, x, [0]).ToArray<float>(), Is.EqualTo(new[] { 1f * (-5 * 2 + 4 * 1), 2f * (-5 * 1 + 4 * 3) }));
        Assert.That(Saliency.GuidedBackpropagation(model, x, [0]).ToArray<float>(), Is.EqualTo(new[] { 4f * 1, 4f * 3 }), "−5 is not passed on");
        Assert.That(Saliency.GuidedBackpropagation(model, x, [1]).ToArray<float>(), Is.EqualTo(new[] { 7f * 2, 7f * 1 }), "−6 is not passed on");
        Assert.That(Saliency.Gradient(model, x, [0]).ToArray<float>(), Is.EqualTo(new[] { 6f, 7 }), "afterwards nothing is guided");
    }

    [Test]
    public void SmoothGrad_is_the_gradient_without_noise_and_that_of_a_linear_model_with_any()
    {
        using Sequential model = Smooth, linear = new(new Flatten(), new Linear(70, 4, dtype: DType.Float64));
        Values.AssertClose(Saliency.SmoothGrad(model, Images, new Generator(1), copies: 2, noise: 0).ToArray<double>(), Saliency.Gradient(model, Images).ToArray<double>(), 1e-14, "no noise");
        Values.AssertClose(Saliency.SmoothGrad(linear, Images, new Generator(1), [1, 1, 1], copies: 3).ToArray<double>(), Saliency.Gradient(linear, Images, [1, 1, 1]).ToArray<double>(), 1e-13, "linear");
        double[] first = Smoothed(1);
        Assert.That(Smoothed(1), Is.EqualTo(first));
        Assert.That(Smoothed(2), Is.Not.EqualTo(first));

        double[] Smoothed(ulong seed) => Saliency.SmoothGrad(model, Images, new Generator(seed), copies: 3).ToArray<double>();
    }

    [Test]
    public void The_pixels_that_decide_are_found_by_every_method()
    {
        // Class 1 is told by the pixels of a patch alone.
        using Sequential model = new(new Conv2D(1, 1, 1, bias: false), new ReLU(), new Flatten(), new Linear(63, 2, bias: false));
        ((Conv2D)model[0]).Weight.FillInPlace(1);
        float[] weights = new float[2 * 63];
        foreach (int y in (int[])[2, 3])
            foreach (int x in (int[])[5, 6, 7]) weights[63 + y * 9 + x] = 1 + y + x;
        ((Linear)model[3]).Weight.CopyFrom(weights);
        Tensor images = Tensor.Uniform([2, 1, 7, 9], new Generator(3), 0.5, 1);
        Dictionary<string, Tensor> maps = new()
        {
            ["gradient"] = Saliency.Gradient(model, images),
            ["SmoothGrad"] = Saliency.SmoothGrad(model, images, new Generator(1), copies: 4, noise: 0.1),
            ["guided"] = Saliency.GuidedBackpropagation(model, images),
            ["input times gradient"] = Saliency.InputTimesGradient(model, images).Squeeze(1),
            ["integrated gradients"] = Saliency.IntegratedGradients(model, images).Squeeze(1),
            ["occlusion"] = Saliency.Occlusion(model, images, window: 1),
        };
        foreach ((string method, Tensor map) in maps)
            for (int n = 0; n < 2; n++)
            {
                float[] values = map[n].ToArray<float>();
                int[] found = [.. Enumerable.Range(0, values.Length).Where(i => Math.Abs(values[i]) > 1e-6)];
                Assert.That(found, Is.EqualTo(new[] { 23, 24, 25, 32, 33, 34 }), $"{method}: {string.Join(' ', values)}");
            }
    }

    [Test]
    public void Without_classes_those_with_the_highest_scores_are_explained()
    {
        using Sequential model = Smooth;
        long[] best = model.Forward(Images).ArgMax(1).ToArray<long>();
        Assert.That(Saliency.Gradient(model, Images).ToArray<double>(), Is.EqualTo(Saliency.Gradient(model, Images, best).ToArray<double>()));
        Assert.That(Saliency.Gradient(model, Images).ToArray<double>(), Is.Not.EqualTo(Saliency.Gradient(model, Images, [.. best.Select(c => (c + 1) % 4)]).ToArray<double>()));
    }

    [Test]
    public void Images_of_a_batch_do_not_mix()
    {
        using Sequential model = new(new Conv2D(2, 3, 3, dtype: DType.Float64), new BatchNorm2D(3, dtype: DType.Float64), new ReLU(), new Flatten(), new Linear(45, 4, dtype: DType.Float64));
        Tensor x = Images, maps = Saliency.Gradient(model, x, [0, 1, 2]);
        for (int n = 0; n < 3; n++)
            Values.AssertClose(Saliency.Gradient(model, x[n..(n + 1)], [n]).ToArray<double>(), maps[n].ToArray<double>(), 1e-12, $"image {n}");
    }

    private static double Score(Sequential model, Tensor x, int row, long @class) => model.Forward(x)[row, (int)@class].ToDouble();

    // (score(x + h) − score(x − h)) / 2h, number by number, for the score of each image's class.
    private static double[] Quotients(Sequential model, double[] values, Shape shape, long[] classes)
    {
        int size = values.Length / classes.Length;
        return [.. values.Select((value, i) =>
        {
            double At(double x)
            {
                using TensorScope scope = new();
                double[] moved = [.. values];
                moved[i] = x;
                return Score(model, Tensor.From(moved, shape), i / size, classes[i / size]);
            }

            return (At(value + Small) - At(value - Small)) / (2 * Small);
        })];
    }

    /// <summary>A rectifier that is no layer of its own.</summary>
    private sealed class Rectified : Module<Tensor, Tensor>
    {
        protected override Tensor ForwardCore(Tensor x) => x.Relu();
    }
}
