using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Attention on GPUs where lengths and widths take several tiles, of any device's size.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuAttentionTests(string device) : GpuFixture(device)
{
    [TestCase(67, 131, 5, 70, false, 0)]
    [TestCase(70, 133, 70, 1, true, 0)]
    [TestCase(65, 66, 3, 2, false, 0.3)]
    [TestCase(3, 2, 130, 140, false, 0)]
    public void Several_tiles_agree_with_the_processor(long queries, long keys, long depth, long width, bool causal, double dropped)
    {
        Attention op = new(0.5, causal, dropped, Key: 5, Counter: 11);
        GpuParity.Check(Gpu, new OpSample(op, [new([2, queries, depth], -2, 2), new([2, keys, depth], -2, 2), new([2, keys, width])]), gradients: true);
    }
}
