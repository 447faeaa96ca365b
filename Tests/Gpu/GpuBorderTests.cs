using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Borders of a tensor's own elements move elements of every size.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
[InTensorScope]
public sealed class GpuBorderTests(string device)
{
    [Test]
    public void Elements_of_every_size_get_the_border_that_the_processor_gives_them(
        [Values(DType.UInt8, DType.Float16, DType.Int32, DType.Int64)] DType dtype, [Values(PadMode.Reflect, PadMode.Replicate)] PadMode mode)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Tensor x = Tensor.Arange(0, 60).Reshape(3, 1, 4, 5).Cast(dtype);
        Tensor expected = x.Pad([(2, 1), (0, 0), (3, 0), (1, 4)], mode: mode), y = x.To(gpu).Pad([(2, 1), (0, 0), (3, 0), (1, 4)], mode: mode);
        Assert.That(y.Shape, Is.EqualTo(expected.Shape));
        Assert.That(y.Cast(DType.Float32).ToArray<float>(), Is.EqualTo(expected.Cast(DType.Float32).ToArray<float>()));
    }
}
