using Gradwright.Optim;
using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>What a captured step could not repeat is refused by name, and leaves nothing behind.</summary>
[InTensorScope]
public sealed class CaptureRefusalTests
{
    private static IEnumerable<TestCaseData> Unrepeatable()
    {
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x * x.Sum().ToDouble()), "reads").SetArgDisplayNames("reads a number");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => Tensor.From(x.ToArray<double>())), "reads").SetArgDisplayNames("reads an array");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x * _random.NextDouble()), "random").SetArgDisplayNames("draws a number");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x =>
        {
            _outside.CopyFrom<double>([1, 2]);
            return x + _outside;
        }), "writes").SetArgDisplayNames("writes into an older tensor");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x =>
        {
            Tensor constant = Tensor.From(1.0, 2);
            constant.AddInPlace(x);
            return constant * 2;
        }), "writes").SetArgDisplayNames("changes a constant");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x =>
        {
            Tensor next = _carried + x;
            TensorScope.Release(next);
            _carried.Dispose();
            _carried = next;
            return next * 2;
        }), "carried").SetArgDisplayNames("replaces its state");
        yield return new TestCaseData((Func<Tensor, Tensor>)(x => x.Nonzero().Cast(DType.Float64)), "depends on the operand's numbers").SetArgDisplayNames("has results of any size");
    }

    private static readonly Generator _random = new(1);
    private static Tensor _outside = null!, _carried = null!;

    [TestCaseSource(nameof(Unrepeatable))]
    public void What_cannot_be_repeated_is_refused_and_leaves_nothing_behind(Func<Tensor, Tensor> function, string why)
    {
        using Tensor outside = _outside = Tensor.Zeros([2], DType.Float64);
        TensorScope.Release(_carried = Tensor.Zeros([2], DType.Float64));
        using Tensor x = Tensor.From(1.0, 2);
        long live = x.Accelerator.Pool.Statistics.LiveBytes;
        using (CapturedStep step = Capture.Of(function))
        {
            step.Run(x);
            Assert.That(() => step.Run(x), Throws.TypeOf<CaptureException>().With.Message.Contain(why));
            Assert.That(() => step.Run(x), Throws.TypeOf<CaptureException>(), "the second try");
        }

        Assert.That(x.Accelerator.Pool.Statistics.LiveBytes, Is.EqualTo(live));
        _carried.Dispose();
    }

    [TestCaseSource(typeof(Gpu.GpuDevices), nameof(Gpu.GpuDevices.Names))]
    [TestCase("cpu")]
    [Category(TestProgram.Devices)]
    public void A_norm_that_the_program_reads_is_refused_on_every_device(string device)
    {
        Accelerator accelerator = device == "cpu" ? CpuAccelerator.Instance : Gpu.GpuDevices.Require(device);
        using Tensor w = Tensor.Parameter([2], accelerator: accelerator);
        w.Grad = Tensor.Ones([2], accelerator: accelerator);
        using CapturedStep step = Capture.Of(() => w * Clip.Norm([w]));
        step.Run();
        Assert.That(() => step.Run(), Throws.TypeOf<CaptureException>().With.Message.Contains("between steps"));
    }

    [Test]
    public void Misuse_is_explained()
    {
        using Tensor x = Tensor.From(1.0, 2);
        using CapturedStep one = Capture.Of(t => t * 2), freed = Capture.Of(t =>
        {
            using TensorScope scope = new();
            return t * 2;
        }), nested = Capture.Of(t => one.Run(t) + 1);
        Assert.That(() => one.Run(), Throws.ArgumentException.With.Message.Contain("takes 1 inputs, but 0"));
        Assert.That(() => freed.Run(x), Throws.InvalidOperationException.With.Message.Contain("TensorScope.Keep"));
        nested.Run(x);
        Assert.That(() => nested.Run(x), Throws.TypeOf<CaptureException>().With.Message.Contain("within another"));
        Assert.That(() => Capture.Of((Func<Tensor>)null!), Throws.ArgumentNullException);
        one.Dispose();
        Assert.That(() => one.Run(x), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_step_that_throws_can_be_run_again()
    {
        using Tensor x = Tensor.From(1.0, 2);
        bool fails = false;
        using CapturedStep step = Capture.Of(t => fails ? throw new TimeoutException() : t * 2);
        step.Run(x);
        fails = true;
        Assert.That(() => step.Run(x), Throws.TypeOf<TimeoutException>());
        fails = false;
        for (int i = 0; i < 3; i++) Assert.That(step.Run(x).ToArray<double>(), Is.EqualTo(new[] { 2.0, 4 }));
    }
}
