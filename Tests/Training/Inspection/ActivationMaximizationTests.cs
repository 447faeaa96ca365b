using Gradwright.Layers;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Training;

/// <summary>Gradient ascent on inputs, and the templates of linear classifiers.</summary>
[InTensorScope]
public sealed class ActivationMaximizationTests
{
    private static readonly AscentOptions _plain = new() { Steps = 1, Rate = 0.5, Decay = 0.25, Jitter = 0, BlurEvery = 0, Start = 0 };

    [Test]
    public void A_step_goes_along_the_gradient_by_its_own_length_and_decays()
    {
        using Linear model = new(2, 2, dtype: DType.Float64);
        model.Weight.CopyFrom([3.0, 4, -1, 0]);
        double root = Math.Sqrt((9 + 16) / 2.0), other = Math.Sqrt(0.5);
        Values.AssertClose(ActivationMaximization.OfClasses(model, [2], [0, 1], _plain).ToArray<double>(), [0.5 * 3 / root, 0.5 * 4 / root, -0.5 / other, 0], 1e-10, "one step");
        Values.AssertClose(ActivationMaximization.OfClasses(model, [2], [0], _plain with { Steps = 2 }).ToArray<double>(), [1.75 * 0.5 * 3 / root, 1.75 * 0.5 * 4 / root], 1e-10, "two steps");
    }

    [Test]
    public void Scores_of_classes_and_means_of_units_rise()
    {
        using Sequential model = new(new Conv2D(1, 4, 3), new ReLU(), new Flatten(), new Linear(4 * 25, 3));
        model.Initialize(new Generator(2));
        AscentOptions options = new() { Steps = 40, Rate = 0.2, Jitter = 1, BlurEvery = 10 };
        Tensor start = Tensor.Normal([3, 1, 7, 7], new Generator(), 0, options.Start), classes = ActivationMaximization.OfClasses(model, [1, 7, 7], [0, 1, 2], options);
        long[] wanted = [3, 1, 0];
        Tensor units = ActivationMaximization.OfUnits(model, "0", [1, 7, 7], wanted, options);
        for (int i = 0; i < 3; i++)
        {
            Assert.That(model.Forward(classes)[i, i].ToDouble(), Is.GreaterThan(model.Forward(start)[i, i].ToDouble() + 0.3));
            int unit = (int)wanted[i];
            Assert.That(model[0].Forward(units)[i, unit].Mean().ToDouble(), Is.GreaterThan(model[0].Forward(start)[i, unit].Mean().ToDouble() + 0.05));
        }
    }

    [Test]
    public void The_same_seed_gives_the_same_pictures()
    {
        using Sequential model = new(new Conv2D(1, 2, 3), new Flatten(), new Linear(2 * 9, 2));
        float[] first = Climb(1);
        Assert.That(Climb(1), Is.EqualTo(first));
        Assert.That(Climb(2), Is.Not.EqualTo(first));

        float[] Climb(ulong seed) => ActivationMaximization.OfClasses(model, [1, 5, 5], [1], new() { Steps = 5, Seed = seed }).ToArray<float>();
    }

    [Test]
    public void A_blur_keeps_what_is_even_and_spreads_a_dot_evenly()
    {
        Values.AssertClose(HostValues.Of(GaussianBlur.Of(Tensor.Full([2, 3, 4, 5], 0.7, DType.Float64), 1.5)), [.. Enumerable.Repeat(0.7, 120)], 1e-6, "even");
        float[] dot = new float[121];
        dot[60] = 1;
        float[] spread = GaussianBlur.Of(Tensor.From(dot, [1, 1, 11, 11]), 1).ToArray<float>();
        Assert.That(spread.Sum(), Is.EqualTo(1).Within(1e-5));
        Assert.That((spread[61], spread[59], spread[49]), Is.EqualTo((spread[71], spread[61], spread[71])));
        Assert.That(spread[61] / spread[60], Is.EqualTo(Math.Exp(-0.5)).Within(1e-5));
    }

    [Test]
    public void Units_and_options_that_are_not_there_are_named()
    {
        using Sequential model = new(new Conv2D(1, 2, 3), new Flatten(), new Linear(2 * 9, 2));
        Errors.Expect<ArgumentException>(() => ActivationMaximization.OfUnits(model, "0", [1, 5, 5], [2]), "no unit 2", "Conv2D(1 → 2", "has 2");
        Errors.Expect<ArgumentException>(() => ActivationMaximization.OfUnits(model, "5", [1, 5, 5], [0]), "no layer '5'");
        Errors.Expect<ArgumentException>(() => ActivationMaximization.OfClasses(model, [1, 5, 5], []), "OfClasses", "for which");
        Errors.Expect<ArgumentException>(() => ActivationMaximization.OfClasses(model, [1, 5, 5], [2]), "no class 2");
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new AscentOptions { Decay = 1 }, "Decay");
        Errors.Expect<ArgumentOutOfRangeException>(() => _ = new AscentOptions { Rate = double.NaN }, "Rate");
    }
}
