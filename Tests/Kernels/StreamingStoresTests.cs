using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Results that go past the caches are the ones that would have gone through them, and nothing beside them is touched.</summary>
public sealed class StreamingStoresTests
{
    private const int Margin = 40;      // elements around the result: more than a vector

    private static readonly (string Name, Op Op, Shape[] Operands)[] _cases =
    [
        ("unary", Unary<Relu>.Instance, [[70_001]]),
        ("binary", Binary<Add>.Instance, [[65_536], [65_536]]),
        ("repeated", Binary<Multiply>.Instance, [[300, 1], [300, 331]]),
        ("scalar", new BinaryScalar<Multiply>(1.5, false), [[40_000]]),
        ("short rows", Binary<Add>.Instance, [[5000, 9], [1, 9]]),
        ("three operands", AddProduct.Plain, [[40_123], [40_123], [40_123]]),
        ("copy", new Copy(), [[99_999]]),
    ];

    private static IEnumerable<TestCaseData> Cases()
        => from c in _cases
           from dtype in new[] { DType.Float32, DType.Float64 }
           from offset in new[] { 0, 1, 13 }
           select new TestCaseData(c.Op, c.Operands, dtype, offset).SetArgDisplayNames(c.Name, $"{dtype}", $"{offset}");

    [TestCaseSource(nameof(Cases))]
    public void A_streamed_result_has_the_bits_of_a_cached_one_at_any_alignment(Op op, Shape[] shapes, DType dtype, int offset)
    {
        Generator random = new(3);
        using TensorScope scope = new();
        Tensor[] x = [.. shapes.Select(shape => Tensor.Normal(shape, random, dtype: dtype))];
        Array cached = Run(long.MaxValue), streamed = Run(0);
        Assert.That(streamed, Is.EqualTo(cached));

        Array Run(long from)
        {
            Shape shape = op.Execute(x).Shape;
            Tensor memory = Tensor.Full([offset + shape.Count + Margin], 7, dtype);
            long before = StreamingStores.From;
            try
            {
                StreamingStores.From = from;
                op.ExecuteInto(memory.Slice(0, offset, shape.Count).Reshape(shape), x);
            }
            finally
            {
                StreamingStores.From = before;
            }

            return dtype == DType.Float32 ? memory.ToArray<float>() : memory.ToArray<double>();
        }
    }

    private static readonly (string Name, Op Op, Shape[] Operands)[] _passes =
    [
        ("softmax", new AlongAxis<Softmax>(1), [[70, 512]]),
        ("softmax", new AlongAxis<Softmax>(1), [[70, 509]]),
        ("softmax", new AlongAxis<Softmax>(1), [[2, 70_400]]),
        ("log-softmax", new AlongAxis<LogSoftmax>(1), [[70, 512]]),
        ("softmax's gradient", new AlongAxis<SoftmaxGradient>(1), [[70, 512], [70, 512]]),
        ("log-softmax's gradient", new AlongAxis<LogSoftmaxGradient>(1), [[70, 512], [70, 512]]),
        ("batch norm", new BatchNorm(1e-5), [[3, 5, 16, 24]]),
        ("batch norm", new BatchNorm(1e-5), [[3, 5, 7, 9], [5], [5]]),
        ("mean pool", new AveragePool2D(new(2, 2), new(2, 2)), [[3, 5, 64, 48]]),
        ("mean pool's gradient", new AveragePool2DInputGradient(new(new(2, 2), new(2, 2)), [3, 5, 64, 48]), [[3, 5, 32, 24]]),
        ("mean pool's gradient", new AveragePool2DInputGradient(new(new(3, 3, 1), new(2, 2, 1)), [3, 5, 61, 47]), [[3, 5, 21, 24]]),
        ("max pool", new MaxPool2D(new(2, 2), new(2, 2)), [[3, 5, 64, 46]]),
        ("max pool", new MaxPool2D(new(3, 2, 1), new(3, 2, 1)), [[3, 5, 64, 46]]),
    ];

    private static IEnumerable<TestCaseData> Passes()
        => from c in _passes
           from dtype in new[] { DType.Float32, DType.Float64 }
           select new TestCaseData(c.Op, c.Operands, dtype).SetArgDisplayNames(c.Name, string.Join(", ", c.Operands.Select(s => $"{s}")), $"{dtype}");

    [TestCaseSource(nameof(Passes))]
    public void A_pass_over_rows_or_planes_gives_the_same_bits_streamed(Op op, Shape[] shapes, DType dtype)
    {
        Generator random = new(4);
        using TensorScope scope = new();
        Tensor[] x = [.. shapes.Select(shape => Tensor.Normal(shape, random, dtype: dtype))];
        Assert.That(Run(0), Is.EqualTo(Run(long.MaxValue)));

        Array[] Run(long from)
        {
            Tensor?[] y = new Tensor?[op.OutputCount + op.KeptCount];
            long before = StreamingStores.From;
            try
            {
                StreamingStores.From = from;
                op.Execute(x, y, keep: true);
            }
            finally
            {
                StreamingStores.From = before;
            }

            return [.. y.Select(t => t!.DType == DType.Float32 ? (Array)t.ToArray<float>() : t.DType == DType.Float64 ? t.ToArray<double>() : t.ToArray<byte>())];
        }
    }

    [Test]
    public void An_operand_that_is_overwritten_is_not_streamed_over()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([100_000]), y = Tensor.Zeros([100_000]);
        long before = StreamingStores.From;
        try
        {
            StreamingStores.From = 0;
            Assert.That(new StridedLoop(y, x).Streams, Is.EqualTo(System.Runtime.Intrinsics.X86.Sse.IsSupported));
            Assert.That(new StridedLoop(y, x, y).Streams, Is.False);
        }
        finally
        {
            StreamingStores.From = before;
        }
    }

    [Test]
    public void The_last_level_cache_has_a_size_that_processors_have() => Assert.That(LastLevelCache.Bytes, Is.InRange(128L << 10, 8L << 30));
}
