using System.Runtime.InteropServices;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Conversions on a GPU: the processor's bits for every pair of element types.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuCastTests(string device)
{
    private static readonly double[] _values =
    [
        0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -1.5, 0.49999997, 126.5, 127, 127.5, 128, -128, -128.5, -129, 255, 255.5, 256, -0.9, 3e4, 65504, 65519.99, 65520, 65536, -65520,
        2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 9.2e18, 9223372036854775807, -9223372036854775808, 1e19, -1e19, 1e30, -1e30, 1e38, 3.5e38, 1e300, -1e300,
        double.NaN, -double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, 1e-45, 1e-40, 1.1754943e-38, 1e-310,
        5.9604644775390625e-8, 2.98023223876953125e-8, 2.9802322387695314e-8, 2.98e-8, 8.940696716308594e-8, 6.103515625e-5, 6.1005353927612305e-5, 6.0975551605224609e-5,
        1 + 1.0 / 2048, 1 + 3.0 / 2048, 1 + 1.0 / 2048 + 1e-12, 1 + 1.0 / 256, 1 + 3.0 / 256, 1 + 1.0 / 256 + 1e-9, 16777217, 16777219, 9007199254740993, 2049, 2051, 0.1, -0.3333333333,
    ];

    private static IEnumerable<DType> Types => DTypes.All;

    [Test]
    public void Special_values_convert_to_the_processors_bits([ValueSource(nameof(Types))] DType from, [ValueSource(nameof(Types))] DType to)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor x = Special(from);
        GpuBits.AssertSame(gpu, new Cast(to), x);
        GpuBits.AssertSame(gpu, new Cast(to), x[1..]);                              // no vectors: another alignment
        GpuBits.AssertSame(gpu, new Cast(to), new Slice(0, x.Count - 1, (x.Count + 2) / 3, -3).Execute(x));
    }

    [Test]
    public void Every_half_and_bfloat_converts_to_the_processors_bits([Values(DType.Float16, DType.BFloat16)] DType from, [ValueSource(nameof(Types))] DType to)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        GpuBits.AssertSame(gpu, new Cast(to), SixteenBits(from));
    }

    [Test]
    public void Random_bit_patterns_convert_to_the_processors_bits([Values(DType.Float32, DType.Float64, DType.Int64, DType.Int32)] DType from, [ValueSource(nameof(Types))] DType to)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        byte[] bytes = new byte[8 * 4099];
        new Random(5).NextBytes(bytes);
        Tensor x = from switch
        {
            DType.Float32 => Tensor.From(MemoryMarshal.Cast<byte, float>(bytes).ToArray()),
            DType.Float64 => Tensor.From(MemoryMarshal.Cast<byte, double>(bytes).ToArray()),
            DType.Int64 => Tensor.From(MemoryMarshal.Cast<byte, long>(bytes).ToArray()),
            _ => Tensor.From(MemoryMarshal.Cast<byte, int>(bytes).ToArray()),
        };
        GpuBits.AssertSame(gpu, new Cast(to), x);
        if (!from.IsFloating) return;

        // Numbers around half's range, where rounding to a subnormal and to infinity happens.
        double[] near = [.. Enumerable.Range(0, 20000).Select(i => Math.Pow(2, -30 + 48 * (i / 20000.0)) * (i % 2 == 0 ? 1 : -1))];
        GpuBits.AssertSame(gpu, new Cast(to), from == DType.Float64 ? Tensor.From(near) : Tensor.From(Array.ConvertAll(near, v => (float)v)));
    }

    [Test]
    public void Empty_tensors_and_scalars_convert()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        GpuBits.AssertSame(gpu, new Cast(DType.Int32), Tensor.Zeros([3, 0, 2]));
        GpuBits.AssertSame(gpu, new Cast(DType.Int32), Tensor.Scalar(-7.9));
    }

    private static Tensor Special(DType dtype)
    {
        if (dtype.IsHalf) return SixteenBits(dtype);
        long[] integers = [0, 1, -1, 2, 127, 128, -128, -129, 255, 256, 65519, 65520, 2147483647, 2147483648, -2147483648, -2147483649, 16777217, 16777219, long.MaxValue, long.MinValue, 9007199254740993, 33554435];
        return dtype switch
        {
            DType.Float64 => Tensor.From(_values),
            DType.Float32 => Tensor.From(Array.ConvertAll(_values, v => (float)v)),
            DType.Int64 => Tensor.From(integers),
            DType.Int32 => Tensor.From(Array.ConvertAll(integers, v => (int)v)),
            DType.Int8 => Tensor.From([.. Enumerable.Range(-128, 256).Select(v => (sbyte)v)]),
            DType.UInt8 => Tensor.From([.. Enumerable.Range(0, 256).Select(v => (byte)v)]),
            _ => Tensor.From(true, false, true, true, false),
        };
    }

    /// <summary>All 65,536 bit patterns.</summary>
    private static Tensor SixteenBits(DType dtype)
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(v => (ushort)v)];
        return dtype == DType.Float16 ? Tensor.From(Array.ConvertAll(bits, BitConverter.UInt16BitsToHalf)) : Tensor.From(Array.ConvertAll(bits, BFloat16.FromBits));
    }
}
