using System.Runtime.InteropServices;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Products of rounded operands: the packing on a device, the tensor-core kernels in the emulator, and when they are chosen.</summary>
[TestFixture(MatMulPrecision.TensorFloat32)]
[TestFixture(MatMulPrecision.BFloat16)]
public sealed unsafe class GpuTensorCoreTests(MatMulPrecision precision)
{
    private const string Device = "opencl:0";

    private EmulatedProduct? _emulated;

    private int ElementBytes => precision == MatMulPrecision.BFloat16 ? 2 : 4;

    [OneTimeTearDown]
    public void Unload() => _emulated?.Dispose();

    [TestCase(128, 128, 64)]
    [TestCase(127, 129, 65)]
    [TestCase(33, 40, 32)]
    [TestCase(200, 32, 97)]
    [TestCase(45, 260, 330)]
    [TestCase(130, 50, 33)]
    public void Products_are_those_of_the_rounded_operands(int m, int n, int k)
    {
        Check(m, n, k);
        Check(m, n, k, bias: true, perRow: true, relu: true, backwards: true);
    }

    [TestCase(MatrixLayout.Rows, MatrixLayout.Columns)]
    [TestCase(MatrixLayout.Columns, MatrixLayout.Rows)]
    [TestCase(MatrixLayout.Columns, MatrixLayout.Columns)]
    [TestCase(MatrixLayout.GappedRows, MatrixLayout.Backwards)]
    public void Operands_may_lie_in_any_order(MatrixLayout a, MatrixLayout b) => Check(70, 90, 75, a, b, bias: true);

    [Test]
    public void Batches_accumulation_gaps_and_parts_of_K_keep_to_their_places()
    {
        Check(40, 33, 70, batch: 3, accumulate: true, rowC: 40);
        Check(40, 33, 300, parts: 2);
        Check(140, 33, 1000, parts: 4, batch: 2);
    }

    [Test]
    public void Many_tiles_are_each_computed_once() => Check(128 * 10 + 3, 128 + 5, 32);

    [Test]
    public void Packing_rounds_to_nearest_even_and_keeps_what_is_not_finite([Values] bool turned)
    {
        GpuAccelerator gpu = GpuDevices.Require(Device);
        Random random = new(3);
        float[] values = [.. Enumerable.Range(0, 37 * 51).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32)))];
        float[] special = [0, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, float.MaxValue, BitConverter.UInt32BitsToSingle(0x7FFFFFFF), BitConverter.UInt32BitsToSingle(0x7F800001),
            BitConverter.UInt32BitsToSingle(0x3F808000), BitConverter.UInt32BitsToSingle(0x3F818000), BitConverter.UInt32BitsToSingle(0x3F801000), BitConverter.UInt32BitsToSingle(0x3F803000), BitConverter.UInt32BitsToSingle(0x3F801001)];
        special.CopyTo(values, 0);
        GpuGemmArguments p = new() { M = 37, N = 32, K = 51, A = null!, B = null!, C = null! };
        using Tensor x = Tensor.From(values, [values.Length], gpu), other = Tensor.Zeros([51 * 32], accelerator: gpu);
        (p.A, p.RowA, p.ColA) = (x.Buffer, turned ? 1 : 51, turned ? 37 : 1);
        (p.B, p.RowB, p.ColB) = (other.Buffer, 32, 1);
        (Tensor a, Tensor b) = GpuTensorCores.Pack(gpu, precision, ref p);
        using (a)
        using (b)
        {
            float[] packed = Unpack(Bytes(gpu, a));
            int pitch = (int)a.Shape[^1];
            Assert.That((pitch * ElementBytes % 16, pitch), Is.EqualTo((0, (51 * ElementBytes + 15) / 16 * 16 / ElementBytes)));
            for (int i = 0; i < 37; i++)
                for (int k = 0; k < pitch; k++)
                {
                    float expected = k < 51 ? Rounded(values[turned ? k * 37 + i : i * 51 + k]) : 0;
                    Assert.That(BitConverter.SingleToUInt32Bits(packed[i * pitch + k]) == BitConverter.SingleToUInt32Bits(expected) || (float.IsNaN(expected) && float.IsNaN(packed[i * pitch + k])),
                        $"[{i}, {k}]: {packed[i * pitch + k]} instead of {expected}");
                }
        }
    }

    [Test]
    public void Only_a_device_that_can_is_asked_and_only_where_it_may()
    {
        RecordingAccelerator older = new(RecordingAccelerator.Cuda(75)), newer = new(RecordingAccelerator.Cuda(80));
        foreach ((RecordingAccelerator gpu, bool can) in new[] { (older, false), (newer, true) })
        {
            Multiply(gpu, DType.Float32, 64);
            using (precision.Use())
            {
                Multiply(gpu, DType.Float64, 64);
                Multiply(gpu, DType.Float32, 16);
                Assert.That(UsesTensorCores(gpu), Is.False);
                Multiply(gpu, DType.Float32, 64);
            }

            Assert.That(UsesTensorCores(gpu), Is.EqualTo(can));
        }

        static bool UsesTensorCores(RecordingAccelerator gpu) => gpu.Launched.Any(spec => spec.File.Name.Contains(".sm80.", StringComparison.Ordinal));

        static void Multiply(Accelerator gpu, DType dtype, long n)
        {
            using Tensor a = Tensor.Zeros([n, n], dtype, gpu), b = Tensor.Zeros([n, n], dtype, gpu);
            using Tensor c = MatMul.Instance.Execute(a, b);
        }
    }

    [Test]
    public void Without_tensor_cores_products_have_full_precision()
    {
        GpuAccelerator gpu = GpuDevices.Require(Device);
        using TensorScope scope = new();
        Tensor a = Tensor.Full([64, 64], 0.1, accelerator: gpu), full = MatMul.Instance.Execute(a, a);
        using (precision.Use()) Assert.That(MatMul.Instance.Execute(a, a).ToArray<float>(), Is.EqualTo(full.ToArray<float>()));
    }

    [Test]
    public void A_precision_holds_for_its_braces_and_its_thread()
    {
        Assert.That(MatMulPrecisions.Current, Is.EqualTo(MatMulPrecision.Float32));
        using (precision.Use())
        {
            Assert.That(MatMulPrecisions.Current, Is.EqualTo(precision));
            using (MatMulPrecision.Float32.Use()) Assert.That(MatMulPrecisions.Current, Is.EqualTo(MatMulPrecision.Float32));
            Assert.That(MatMulPrecisions.Current, Is.EqualTo(precision));
            MatMulPrecision elsewhere = precision;
            Thread thread = new(() => elsewhere = MatMulPrecisions.Current);
            thread.Start();
            thread.Join();
            Assert.That(elsewhere, Is.EqualTo(MatMulPrecision.Float32));
        }

        Assert.That(MatMulPrecisions.Current, Is.EqualTo(MatMulPrecision.Float32));
        Assert.That(() => ((MatMulPrecision)9).Use(), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private void Check(int m, int n, int k, MatrixLayout layoutA = MatrixLayout.Rows, MatrixLayout layoutB = MatrixLayout.Rows, bool bias = false, bool perRow = false, bool relu = false,
        bool accumulate = false, bool backwards = false, int batch = 1, int parts = 1, int rowC = 0)
    {
        GpuAccelerator gpu = GpuDevices.Require(Device);
        _emulated ??= new(precision);
        const int before = 8, after = 50;
        Random random = new(m + n + k);
        (long offsetA, long rowA, long columnA, int sizeA) = Lay(layoutA, m, k);
        (long offsetB, long rowB, long columnB, int sizeB) = Lay(layoutB, k, n);
        float[] a = Numbers(sizeA * batch), b = Numbers(sizeB * batch), biases = Numbers(Math.Max(m, n) + 1);
        if (rowC == 0) rowC = n;
        int stepC = m * rowC + 4;
        float[] c = Numbers(before + batch * stepC + after), expected = [.. c];
        bool[] written = new bool[c.Length];

        using Tensor ta = Tensor.From(a, [a.Length], gpu), tb = Tensor.From(b, [b.Length], gpu);
        GpuGemmArguments p = new()
        {
            DType = DType.Float32, M = m, N = n, K = k, Batch = batch,
            A = ta.Buffer, OffsetA = offsetA, RowA = rowA, ColA = columnA, StepA = sizeA, B = tb.Buffer, OffsetB = offsetB, RowB = rowB, ColB = columnB, StepB = sizeB,
            C = ta.Buffer, RowC = rowC, ColC = 1, StepC = stepC,
            Bias = bias ? tb.Buffer : null, BiasPerRow = perRow, Activation = relu ? Activation.Relu : Activation.None, Accumulate = accumulate,
        };
        for (int entry = 0; entry < batch; entry++)
            for (int i = 0; i < m; i++)
                for (int j = 0; j < n; j++)
                {
                    int at = before + entry * stepC + i * rowC + j;
                    double sum = (accumulate ? c[at] : 0) + (bias ? biases[1 + (perRow ? i : j)] : 0);
                    for (int x = 0; x < k; x++)
                        sum += (double)Rounded(a[entry * sizeA + offsetA + i * rowA + x * columnA]) * Rounded(b[entry * sizeB + offsetB + x * rowB + j * columnB]);
                    (expected[at], written[at]) = ((float)(relu ? Math.Max(0, sum) : sum), true);
                }

        (Tensor packedA, Tensor packedB) = GpuTensorCores.Pack(gpu, precision, ref p);
        using (packedA)
        using (packedB)
        {
            int step = GpuTensorCores.StepDepth(precision), depth = parts == 1 ? k : (k / parts + step - 1) / step * step;
            GpuProduct product = GpuGemm.Describe(p) with { Parts = (k + depth - 1) / depth, Depth = depth };
            long groups = (m + 127L) / 128 * ((n + 127L) / 128) * batch * product.Parts;
            if (parts == 1)
            {
                _emulated.Run(groups, backwards, c, before, Bytes(gpu, packedA), Bytes(gpu, packedB), biases, 1, product);
            }
            else
            {
                Assert.That(product.Parts, Is.GreaterThan(1));
                float[] partial = Numbers((int)(batch * product.Parts * m * n));
                product = product with { RowC = n, StepC = product.Parts * m * n, StepPart = (long)m * n };
                _emulated.Run(groups, backwards, partial, 0, Bytes(gpu, packedA), Bytes(gpu, packedB), biases, 1, product);
                for (int entry = 0; entry < batch; entry++)
                    for (int i = 0; i < m * n; i++)
                    {
                        float sum = 0;
                        for (long part = 0; part < product.Parts; part++) sum += partial[(entry * product.Parts + part) * m * n + i];
                        c[before + entry * stepC + i / n * rowC + i % n] = sum;
                    }
            }
        }

        double allowed = 1e-6 * Math.Max(1, Math.Sqrt(k));
        for (int i = 0; i < c.Length; i++)
            if (!(Math.Abs(c[i] - (double)expected[i]) <= (written[i] ? allowed : 0)))
                Assert.Fail($"[{m}, {k}] · [{k}, {n}]: element {i} of C's memory is {c[i]} instead of {expected[i]}.");

        float[] Numbers(int length) => [.. Enumerable.Range(0, length).Select(_ => 2 * random.NextSingle() - 1)];
    }

    private static (long Offset, long Row, long Column, int Size) Lay(MatrixLayout layout, int rows, int columns) => layout switch
    {
        MatrixLayout.Rows => (0, columns, 1, rows * columns),
        MatrixLayout.Columns => (0, 1, rows, rows * columns),
        MatrixLayout.GappedRows => (1, 2 * columns + 3, 2, rows * (2 * columns + 3) + 1),
        _ => (rows * columns - 1, -columns, -1, rows * columns),
    };

    private static byte[] Bytes(GpuAccelerator gpu, Tensor x)
    {
        byte[] bytes = new byte[x.Count * x.DType.Size];
        gpu.Synchronize();
        fixed (byte* p = bytes) gpu.ReadRaw(x.Buffer, p, bytes.Length);
        return bytes;
    }

    private float[] Unpack(byte[] bytes) => precision == MatMulPrecision.BFloat16
        ? [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(word => BitConverter.UInt32BitsToSingle((uint)word << 16))]
        : MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    /// <summary>To the nearest number of 8 or 11 significant bits, by arithmetic on doubles.</summary>
    private float Rounded(float value)
    {
        if (value == 0 || !float.IsFinite(value)) return value;
        int bits = precision == MatMulPrecision.BFloat16 ? 8 : 11;
        int exponent = Math.Max(Math.ILogB((double)value), -126);
        double unit = Math.ScaleB(1, exponent - bits + 1);
        return (float)(Math.Round(value / unit, MidpointRounding.ToEven) * unit);
    }
}
