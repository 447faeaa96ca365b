using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Sorting on a GPU: lines of any length, stable, in the processor's order.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuOrderingTests(string device)
{
    [Test]
    public void Lines_around_every_tile_are_in_the_processors_order([Values] bool descending)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (int n in (int[])[1, 2, 3, 7, 31, 64, 65, 511, 512, 513, 1023, 1024, 1025, 2047, 2048, 2049, 3000, 5000, 20001])
        {
            using TensorScope scope = new();
            Tensor x = Tensor.Normal([n], new Generator((ulong)n)), equals = (x * 3).Floor();
            foreach (Tensor line in (Tensor[])[x, equals])
            {
                GpuBits.AssertSame(gpu, new ArgSort(0, n, descending), line);
                GpuBits.AssertSame(gpu, new ArgSort(0, (n + 1) / 2, descending), line);
                GpuBits.AssertSame(gpu, new ArgSort(0, 1, descending), line);
            }
        }
    }

    [Test]
    public void Many_lines_along_any_dimension([Values] bool descending, [Values(1, 5, 40, 600, 1500)] int n)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor x = Tensor.Normal([7, n, 3], new Generator(3));
        GpuBits.AssertSame(gpu, new ArgSort(1, n, descending), x);
        GpuBits.AssertSame(gpu, new ArgSort(1, (n + 2) / 3, descending), x);
        GpuBits.AssertSame(gpu, new ArgSort(0, 7, descending), x);
        GpuBits.AssertSame(gpu, new ArgSort(2, 3, descending), x);
        GpuBits.AssertSame(gpu, new ArgSort(0, 0, descending), x);
    }

    [Test]
    public void Every_element_type_with_its_special_values([Values] bool descending)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        double[] special = [.. Enumerable.Range(0, 1500).Select(i => (i % 11) switch
        {
            0 => double.NaN, 1 => double.PositiveInfinity, 2 => double.NegativeInfinity, 3 => 0.0, 4 => -0.0, 5 => -double.NaN, 6 => -1e-320, 7 => 1e-42, _ => (i * 7919 % 13) - 6.0,
        })];
        long[] integers = [.. Enumerable.Range(0, 1500).Select(i => (i % 5) switch { 0 => long.MaxValue, 1 => long.MinValue, 2 => -1L, _ => i * 7919 % 17 })];
        Tensor[] all =
        [
            Tensor.From(special), Tensor.From(Array.ConvertAll(special, v => (float)v)), Tensor.From(integers), Tensor.From(Array.ConvertAll(integers, v => (int)(v >> 32 ^ v))),
            Tensor.From(Array.ConvertAll(integers, v => (sbyte)v)), Tensor.From(Array.ConvertAll(integers, v => (byte)v)), Tensor.From(Array.ConvertAll(integers, v => v > 3)),
        ];
        foreach (Tensor x in all) GpuBits.AssertSame(gpu, new ArgSort(0, x.Count, descending), x);
    }
}
