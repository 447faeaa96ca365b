using Gradwright.Layers;
using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

[InTensorScope]
public sealed class MixedPrecisionTests
{
    private static readonly MixedPrecision[] _kinds = [MixedPrecision.BFloat16, MixedPrecision.Float16];

    private static DType TypeOf(MixedPrecision precision) => precision == MixedPrecision.BFloat16 ? DType.BFloat16 : DType.Float16;

    [TestCaseSource(nameof(_kinds))]
    public void Products_take_16_bits_losses_Float32_and_gradients_of_parameters_are_Float32(MixedPrecision precision)
    {
        using Sequential model = Model();
        using (precision.Use())
        using (Tape tape = new())
        {
            Tensor y = model.Forward(Tensor.Normal([4, 1, 8, 8], new Generator(1))), loss = Loss.CrossEntropy(y, Tensor.Arange(4));
            Assert.That((y.DType, loss.DType), Is.EqualTo((TypeOf(precision), DType.Float32)));
            tape.Backward(loss);
        }

        Assert.That(model.Parameters().Select(p => (p.DType, p.Grad!.DType)), Is.All.EqualTo((DType.Float32, DType.Float32)));
        Assert.That(model.NamedBuffers().Select(b => b.Buffer.DType), Is.All.EqualTo(DType.Float32));
        Assert.That(MixedPrecisions.Current, Is.EqualTo(MixedPrecision.Off));
    }

    [TestCaseSource(nameof(_kinds))]
    public void Gradients_are_those_of_single_precision_up_to_rounding(MixedPrecision precision)
    {
        double[][] expected = Gradients(MixedPrecision.Off), actual = Gradients(precision);
        double tolerance = precision == MixedPrecision.BFloat16 ? 0.03 : 0.004;
        for (int i = 0; i < expected.Length; i++)
        {
            double norm = Math.Sqrt(expected[i].Sum(g => g * g)), error = Math.Sqrt(expected[i].Zip(actual[i], (a, b) => (a - b) * (a - b)).Sum());
            Assert.That(error, Is.LessThanOrEqualTo(tolerance * Math.Max(norm, 1e-3)), $"parameter {i}, norm {norm}");
            if (norm > 1e-3) Assert.That(error, Is.Positive, "nothing was rounded");
        }

        static double[][] Gradients(MixedPrecision precision)
        {
            using Sequential model = Model();
            using (precision.Use())
            using (Tape tape = new()) tape.Backward(Loss.CrossEntropy(model.Forward(Tensor.Normal([16, 1, 8, 8], new Generator(1))), Tensor.From([.. Enumerable.Range(0, 16).Select(i => i % 10L)])));
            return [.. model.Parameters().Select(p => HostValues.Of(p.Grad!))];
        }
    }

    [Test]
    public void The_tape_keeps_about_half_the_bytes()
    {
        long Saved(MixedPrecision precision)
        {
            using Sequential model = new(new Linear(64, 256), new Tanh(), new Linear(256, 256), new Tanh(), new Linear(256, 8));
            using (precision.Use())
            using (Tape tape = new())
            {
                model.Forward(Tensor.Normal([512, 64], new Generator(1)));
                return tape.SavedBytes;
            }
        }

        Assert.That(Saved(MixedPrecision.BFloat16), Is.LessThan(0.65 * Saved(MixedPrecision.Off)));
    }

    [TestCaseSource(nameof(_kinds))]
    public void A_network_learns_in_mixed_precision(MixedPrecision precision)
    {
        using Sequential model = new(new Linear(2, 32), new Tanh(), new Linear(32, 2));
        model.Initialize(new Generator(1));
        using Adam optimizer = new(model.Parameters(), 0.02);
        LossScaler scaler = new(interval: 20);
        Tensor x = Tensor.Normal([256, 2], new Generator(2)), classes = ((x[.., 0] * x[.., 1]) > 0).Cast(DType.Int64);
        double loss = 0;
        for (int step = 0; step < 150; step++)
        {
            using (precision.Use())
            using (Tape tape = new())
            {
                Tensor value = Loss.CrossEntropy(model.Forward(x), classes);
                tape.Backward(precision == MixedPrecision.Float16 ? scaler.Scale(value) : value);
                loss = value.ToDouble();
            }

            if (precision == MixedPrecision.Float16) scaler.Step(optimizer, model.Parameters());
            else optimizer.Step();
            optimizer.ZeroGrad();
        }

        Assert.That(loss, Is.LessThan(0.15));
        if (precision == MixedPrecision.Float16) Assert.That(scaler.State.Scale, Is.Not.EqualTo(65536));
    }

    [Test]
    public void A_gradient_too_small_for_Float16_survives_by_the_loss_scale()
    {
        double Gradient(double scale)
        {
            Tensor w = Tensor.Parameter([1.0f], [1]);
            LossScaler scaler = new(scale);
            using (Tape tape = new())
            {
                Tensor y = (w.Cast(DType.Float16) * 1e-5).Cast(DType.Float32) * 1e-3;      // the gradient 1e-3 · 1e-5 passes through Float16
                tape.Backward(scaler.Scale(y.Sum()));
            }

            scaler.Unscale([w]);
            double gradient = w.Grad!.ToArray<float>()[0];
            w.Dispose();
            return gradient;
        }

        Assert.That(Gradient(1), Is.Zero);
        Assert.That(Gradient(4096), Is.EqualTo(1e-8).Within(2e-10));
    }

    [Test]
    public void The_scale_backs_off_after_an_overflow_and_grows_after_good_steps()
    {
        using Tensor w = Tensor.Parameter([1.0f, 2.0f], [2]);
        using Sgd optimizer = new([w], 0.5);
        LossScaler scaler = new(1024, interval: 2);
        w.Grad = Tensor.From([float.PositiveInfinity, 1]);
        Assert.That(scaler.Step(optimizer, [w]), Is.False);
        Assert.That((scaler.State, w.ToArray<float>()[0], optimizer.StepCount), Is.EqualTo((new LossScalerState(512, 0, 1), 1f, 0L)));
        for (int i = 0; i < 2; i++)
        {
            w.Grad = Tensor.From([512f, 0]);
            Assert.That(scaler.Step(optimizer, [w]), Is.True);
        }

        Assert.That((scaler.State, w.ToArray<float>()[0]), Is.EqualTo((new LossScalerState(1024, 0, 1), 0f)));
        w.Grad = null;
    }

    [Test]
    public void Widths_do_not_mix_outside_mixed_precision()
    {
        Tensor half = Tensor.Ones([3], DType.BFloat16), single = Tensor.Ones([3]), other = Tensor.Ones([3], DType.Float16);
        Assert.That(() => half * single, Throws.TypeOf<DTypeException>().With.Message.Contains("Multiply").And.Message.Contains("Cast(DType.BFloat16)"));
        Assert.That(() => half + other, Throws.TypeOf<DTypeException>());
        using (MixedPrecision.BFloat16.Use()) Assert.That((half * single).DType, Is.EqualTo(DType.Float32));
        Assert.That((half * half).DType, Is.EqualTo(DType.BFloat16));
    }

    [Test]
    public void A_checkpointed_module_runs_again_in_the_precision_of_its_first_run()
    {
        double[][] Gradients(bool checkpointed)
        {
            Sequential block = new(new Linear(8, 16), new Tanh(), new Linear(16, 4));
            using Module<Tensor, Tensor> model = checkpointed ? new Checkpointed(block) : block;
            model.Initialize(new Generator(1));
            using Tape tape = new();
            Tensor loss;
            using (MixedPrecision.BFloat16.Use()) loss = model.Forward(Tensor.Normal([4, 8], new Generator(2))).Square().Sum();
            tape.Backward(loss);
            return [.. model.Parameters().Select(p => HostValues.Of(p.Grad!))];
        }

        Assert.That(Gradients(true), Is.EqualTo(Gradients(false)));
    }

    [Test]
    public void Impossible_settings_are_refused()
    {
        Assert.That(() => new LossScaler(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new LossScaler(backoff: 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ((MixedPrecision)9).Use(), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static Sequential Model()
    {
        // Smooth: where a rectifier or a maximum changes sides by rounding, a gradient jumps.
        Sequential model = new(new Conv2D(1, 4, 3, padding: 1, bias: false), new BatchNorm2D(4), new Tanh(), new AveragePool2D(2), new Flatten(), new Linear(64, 10));
        model.Initialize(new Generator(7));
        return model;
    }
}
