using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Optim;

/// <summary>Norms of all gradients together, and what clipping makes of them.</summary>
public sealed class ClipTests
{
    private static readonly Shape[] Shapes = [[3, 5], [1], [0], [129, 257], []];

    [Test]
    public void ByNorm_scales_all_gradients_by_one_factor([Values] bool doubles)
    {
        using TestModel model = new(doubles ? DType.Float64 : DType.Float32, Shapes);
        model.SetGradients(1);
        double[][] before = Gradients(model);
        double expected = Math.Sqrt(before.Sum(g => g.Sum(x => x * x)));
        double norm = Clip.ByNorm(model.Parameters, 2);
        Assert.That(norm, Is.EqualTo(expected).Within(doubles ? 1e-12 : 1e-4).Percent);
        double factor = 2 / (expected + 1e-6);
        double[][] after = Gradients(model);
        for (int k = 0; k < Shapes.Length; k++)
            Assert.That(after[k], Is.EqualTo(before[k].Select(x => x * factor)).Within(expected * (doubles ? 1e-14 : 1e-7)));
        Assert.That(Clip.Norm(model.Parameters), Is.EqualTo(2).Within(1e-5));
    }

    [Test]
    public void A_norm_within_the_limit_changes_no_bit_and_no_version()
    {
        using TestModel model = new(DType.Float32, Shapes);
        model.SetGradients(1);
        double[][] before = Gradients(model);
        int version = model.Parameters[0].Grad!.Buffer.Version;
        double norm = Clip.Norm(model.Parameters);
        Assert.That(Clip.ByNorm(model.Parameters, norm * 1.01), Is.EqualTo(norm));
        Assert.That(Clip.ByNorm(model.Parameters, double.PositiveInfinity), Is.EqualTo(norm));
        Assert.That(Gradients(model), Is.EqualTo(before));
        Assert.That(model.Parameters[0].Grad!.Buffer.Version, Is.EqualTo(version));
    }

    [Test]
    public void ByValue_cuts_every_element_and_leaves_NaN([Values] bool doubles)
    {
        using TestModel model = new(doubles ? DType.Float64 : DType.Float32, [37], [2]);
        TestModel.Write(model.Parameters[0].Grad!, i => i - 18);
        TestModel.Write(model.Parameters[1].Grad!, i => i == 0 ? double.NaN : double.NegativeInfinity);
        Clip.ByValue(model.Parameters, 2.5);
        Assert.That(Gradients(model)[0], Is.EqualTo(Enumerable.Range(-18, 37).Select(x => Math.Clamp(x, -2.5, 2.5))));
        Assert.That(Gradients(model)[1], Is.EqualTo(new[] { double.NaN, -2.5 }));
    }

    [Test]
    public void The_norm_has_the_same_bits_on_any_number_of_threads()
    {
        using TestModel model = new(DType.Float32, [400, 401], [7], [129, 130]);
        model.SetGradients(3);
        Threads.ChangeNoBit(() => Clip.Norm(model.Parameters), 1, 2, 3, 5);
    }

    [Test]
    public void Very_large_and_very_small_float_gradients_have_a_norm([Values(1e30, 1e-30, 1e-40)] double size)
    {
        using TestModel model = new(DType.Float32, [100]);
        TestModel.Write(model.Parameters[0].Grad!, _ => size);
        Assert.That(Clip.Norm(model.Parameters), Is.EqualTo(10 * (double)(float)size).Within(1e-4).Percent);
    }

    [Test]
    public void A_norm_that_is_not_finite_is_an_error_that_names_the_gradient([Values(double.NaN, double.PositiveInfinity)] double bad)
    {
        using TestModel model = new(DType.Float32, [4], [3, 5]);
        model.Parameters[1].Name = "head.weight";
        model.SetGradients(0);
        TestModel.Write(model.Parameters[1].Grad!, i => i == 7 ? bad : 1);
        double[][] before = Gradients(model);
        Assert.That(Assert.Throws<ArithmeticException>(() => Clip.ByNorm(model.Parameters, 1))!.Message, Does.Contain("parameter 1, 'head.weight' [3, 5] Float32"));
        Assert.That(Clip.ByNorm(model.Parameters, 1, throwIfNotFinite: false), Is.EqualTo(bad));
        Assert.That(Gradients(model), Is.EqualTo(before));
    }

    [Test]
    public void Gradients_that_are_strided_views_are_clipped_where_they_lie()
    {
        using TensorScope scope = new();
        Tensor memory = Tensor.Full([40], 3);
        using Tensor x = Tensor.Parameter([3, 4]);
        x.Grad = Tensor.Over(memory.Buffer, new([3, 4], [10, 2], 1), DType.Float32);
        Assert.That(Clip.ByNorm([x], 1), Is.EqualTo(3 * Math.Sqrt(12)).Within(1e-6));
        float[] values = memory.ToArray<float>();
        for (int i = 0; i < 40; i++)
        {
            bool inside = i % 10 is 1 or 3 or 5 or 7 && i < 30;
            Assert.That(values[i], Is.EqualTo(inside ? 1 / Math.Sqrt(12) : 3).Within(1e-6));
        }
    }

    [Test]
    public void Frozen_parameters_and_those_without_gradient_do_not_count_and_shared_ones_count_once()
    {
        using TestModel model = new(DType.Float32, [1], [1], [1]);
        foreach (Tensor x in model.Parameters) TestModel.Write(x.Grad!, _ => 3);
        model.Parameters[0].IsFrozen = true;
        model.Parameters[1].Grad!.Dispose();
        Assert.That(Clip.ByNorm([.. model.Parameters, model.Parameters[2]], 1), Is.EqualTo(3));
        Assert.That(model.Parameters[0].Grad!.ToDouble(), Is.EqualTo(3));
        Assert.That(model.Parameters[2].Grad!.ToDouble(), Is.EqualTo(1).Within(1e-6));
        Assert.That(Clip.Norm([]), Is.Zero);
    }

    [Test]
    public void Limits_must_be_positive()
    {
        foreach (double bad in new[] { 0, -1, double.NaN })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Clip.ByNorm([], bad));
            Assert.Throws<ArgumentOutOfRangeException>(() => Clip.ByValue([], bad));
        }
    }

    private static double[][] Gradients(TestModel model) => Array.ConvertAll(model.Parameters, x => TestModel.Read(x.Grad!));
}
