using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Recurrences on a GPU: the processor's errors at the next moment that waits.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuRecurrentTests(string device)
{
    [Test]
    public void A_length_out_of_range_throws_what_the_processor_throws_and_work_goes_on([Values(-1, 6)] long wrong)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([5, 3, 8]), w = Tensor.Zeros([8, 2]), h = Tensor.Zeros([3, 2]), lengths = Tensor.From(5L, wrong, 0L);
        string expected = Assert.Throws<ArgumentOutOfRangeException>(() => x.LstmSequence(w, h, h, lengths: lengths))!.Message;
        Tensor y = x.To(gpu).LstmSequence(w.To(gpu), h.To(gpu), h.To(gpu), lengths: lengths.To(gpu)).Output;
        Assert.That(() => y.To(CpuAccelerator.Instance), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.EqualTo(expected));
        Assert.That(GpuBits.Of(x.To(gpu).LstmSequence(w.To(gpu), h.To(gpu), h.To(gpu)).Output), Is.EqualTo(GpuBits.Of(y)), "zeros throughout");
    }

    [Test]
    public void Sizes_beyond_a_group_agree_with_the_processor([Values] bool reverse)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Generator random = new(1);
        Tensor x = Tensor.Normal([7, 33, 3 * 70], random), w = Tensor.Normal([3 * 70, 70], random, 0, 0.1), h = Tensor.Normal([33, 70], random), b = Tensor.Normal([3 * 70], random);
        Tensor lengths = Tensor.RandomIntegers([33], random, 0, 8);
        Tensor[] Results(Accelerator accelerator)
        {
            using Tape tape = new();
            Tensor[] v = [.. ((Tensor[])[x, w, h, b]).Select(t => tape.Watch(t.Detach().To(accelerator)))];
            (Tensor y, Tensor last) = v[0].GruSequence(v[1], v[2], v[3], lengths.To(accelerator), reverse);
            Tensor[] all = [y, last, .. tape.Gradients(y.Square().Sum() + last.Sum(), v)];
            return [.. all.Select(t => TensorScope.Keep(t.To(CpuAccelerator.Instance)))];
        }

        Checking.ParityReport report = Checking.ParityReport.Compare(Results(gpu), Results(CpuAccelerator.Instance));
        Assert.That(report.Error, Is.LessThanOrEqualTo(2 * Checking.ParityReport.Tolerance(DType.Float32)), report.Worst);
    }
}
