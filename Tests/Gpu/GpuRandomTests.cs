using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Random numbers on a GPU: the processor's bits.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuRandomTests(string device)
{
    private const ulong Key = 0x9E3779B97F4A7C15, Counter = 0xFFFFFFF0;     // the counter's upper half comes into play

    private static readonly long[] _counts = [0, 1, 2, 3, 4, 5, 63, 64, 255, 256, 257, 1023, 1024, 1025, 4099, 70001];

    [Test]
    public void Draws_of_any_length_have_the_processors_bits()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (long n in _counts)
        {
            using TensorScope scope = new();
            foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
            {
                GpuBits.AssertSame(gpu, new RandomUniform([n], -2.5, 7, dtype, Key, Counter));
                GpuBits.AssertSame(gpu, new RandomNormal([n], 0.25, 3, dtype, Key, Counter));
                foreach (double p in (double[])[0, 0.3, 1])
                {
                    Tensor x = new RandomNormal([n], 0, 1, dtype, Key + 1, 0).Execute();
                    GpuBits.AssertSame(gpu, new Dropout(p, Key, Counter), x);
                    GpuBits.AssertSame(gpu, new Dropout(p, Key, Counter), x, new RandomNormal([n], 0, 1, dtype, Key + 2, 0).Execute());
                }
            }

            foreach (DType dtype in (DType[])[DType.Float32, DType.Float64, DType.Bool, DType.Int64, DType.Int32, DType.Int8, DType.UInt8])
                GpuBits.AssertSame(gpu, new RandomBernoulli([n], 0.3, dtype, Key, Counter));
            GpuBits.AssertSame(gpu, new RandomIntegers([n], -5, 1000, Key, Counter));
            GpuBits.AssertSame(gpu, new RandomIntegers([n], long.MinValue, long.MaxValue, Key, Counter));
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(10)]
    [TestCase(1000)]
    [TestCase(1025)]
    [TestCase(60000)]
    public void Permutations_have_the_processors_order(int n)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        for (ulong seed = 0; seed < (n < 100 ? 200UL : 3UL); seed++) GpuBits.AssertSame(gpu, new RandomPermutation(n, Key + seed, Counter));
    }

    [Test]
    public void Dropout_drops_nan_and_infinity_and_takes_unaligned_operands()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        float[] values = [.. Enumerable.Range(0, 1001).Select(i => i % 3 == 0 ? float.NaN : i % 3 == 1 ? float.PositiveInfinity : i)];
        Tensor x = Tensor.From(values);
        GpuBits.AssertSame(gpu, new Dropout(0.5, Key, 3), x);
        Tensor expected = new Dropout(0.5, Key, 3).Execute(x[1..]);
        Assert.That(GpuBits.Of(new Dropout(0.5, Key, 3).Execute(x.To(gpu)[1..])), Is.EqualTo(GpuBits.Of(expected)));
    }

    [Test]
    public void Draws_in_a_type_without_arithmetic_are_refused()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Assert.That(() => GpuBits.Execute(gpu, new RandomUniform([3], 0, 1, DType.Int32, Key, 0)), Throws.TypeOf<DTypeException>());
        Assert.That(() => GpuBits.Execute(gpu, new RandomNormal([3], 0, 1, DType.Float16, Key, 0)), Throws.TypeOf<DTypeException>());
        Assert.That(() => GpuBits.Execute(gpu, new RandomBernoulli([3], 0.5, DType.BFloat16, Key, 0)), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void Sequences_have_the_processors_bits()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64, DType.Int64, DType.Int32, DType.Int8, DType.UInt8])
            foreach (int n in (int[])[0, 1, 2, 257, 1000]) GpuBits.AssertSame(gpu, new Sequence(-3.1, 0.37, 1e5, n, dtype));
    }
}
