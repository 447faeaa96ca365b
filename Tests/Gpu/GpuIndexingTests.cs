using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Indexing on a GPU: the processor's bits, also of sums, and the processor's errors at the next moment that waits.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuIndexingTests(string device)
{
    private static IEnumerable<Op> IndexOps => [new Gather(1), new ScatterSum(1, 4), new IndexSelect(1), new IndexSum(1, 4), new IndexPut(1), new OneHot(4, DType.Float32)];

    [Test]
    public void Picking_and_adding_have_the_processors_bits([Values(0, 1, 2, 63, 64, 65, 257, 1030, 3000)] int positions)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Generator random = new((ulong)positions);
        using TensorScope scope = new();
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64, DType.Int64, DType.Int8])
        {
            foreach (int axis in (int[])[0, 1, 2])
            {
                Shape x = Shape.Create([3, 5, 7]), g = x.With(axis, positions);
                Tensor source = Draw(x, dtype), value = Draw(g, dtype), index = Integers(g, x[axis]), vector = Integers([positions], x[axis]);
                GpuBits.AssertSame(gpu, new Gather(axis), source, index);
                GpuBits.AssertSame(gpu, new ScatterSum(axis, x[axis]), value, index);
                GpuBits.AssertSame(gpu, new IndexSelect(axis), source, vector);
                GpuBits.AssertSame(gpu, new IndexSum(axis, x[axis]), value, vector);
                GpuBits.AssertSame(gpu, new IndexPut(axis), source, value, vector);
                GpuBits.AssertSame(gpu, new OneHot(x[axis], dtype), vector);
            }
        }

        Tensor Draw(Shape shape, DType dtype) => (Tensor.Normal(shape, random) * 20).Cast(dtype);

        Tensor Integers(Shape shape, long bound) => new RandomIntegers(shape, 0, bound, random.Key, random.Reserve(RandomOp.WideBlocks(shape.Count))).Execute();
    }

    [Test]
    public void Indices_of_any_memory_order_are_taken_as_they_are_meant()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor x = Tensor.Normal([5, 6], new Generator(1)).To(gpu), index = Tensor.From([0L, 4, 2, 1, 3, 3, 0, 1, 2, 4, 4, 4], [6, 2]).To(gpu);
        foreach (Op op in (Op[])[new Gather(0), new ScatterSum(0, 5)])
        {
            Tensor first = op is Gather ? x : Tensor.Normal([2, 6], new Generator(2)).To(gpu), turned = index.Transpose();
            Assert.That(GpuBits.Of(op.Execute(first, turned)), Is.EqualTo(GpuBits.Of(op.Execute(first.To(CpuAccelerator.Instance), turned.To(CpuAccelerator.Instance)))));
        }

        Tensor every = index[.., 1], stretched = Tensor.From([2L], [1]).To(gpu).Expand([4]);
        foreach (Tensor vector in (Tensor[])[every, stretched])
            Assert.That(GpuBits.Of(new IndexSelect(0).Execute(x, vector)), Is.EqualTo(GpuBits.Of(new IndexSelect(0).Execute(x.To(CpuAccelerator.Instance), vector.To(CpuAccelerator.Instance)))));
    }

    [Test]
    public void An_index_out_of_range_throws_what_the_processor_throws_and_work_goes_on([ValueSource(nameof(IndexOps))] Op op, [Values(4L, -1L, long.MaxValue, long.MinValue)] long wrong)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        bool alike = op is Gather or ScatterSum;
        long[] values = [0, 1, 2, 3, wrong, 1];
        Tensor index = Tensor.From(values, alike ? [1, 6] : [6]), x = Tensor.Normal([1, 4], new Generator(4)), value = Tensor.Normal([1, 6], new Generator(5));
        Tensor[] operands = op switch
        {
            Gather or IndexSelect => [x, index],
            ScatterSum or IndexSum => [value, index],
            IndexPut => [x, value, index],
            _ => [index],
        };
        ShapeException expected = Assert.Throws<ShapeException>(() => op.Execute(operands))!;
        Tensor y = GpuBits.Execute(gpu, op, operands);      // nothing waits, nothing throws
        ShapeException actual = Assert.Throws<ShapeException>(() => GpuBits.Of(y))!;
        Assert.That(actual.Message, Is.EqualTo(expected.Message));
        Assert.That(actual.Message, Does.StartWith($"{op.Name}: index {wrong} at position ["));

        Assert.That((x.To(gpu) + 1).ToArray<float>(), Is.EqualTo((x + 1).ToArray<float>()));
        values[4] = 0;
        operands[^1] = Tensor.From(values, index.Shape);
        GpuBits.AssertSame(gpu, op, operands);
        gpu.Synchronize();
    }

    [Test]
    public void Indices_into_nothing_are_out_of_range()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([0, 3], accelerator: gpu), index = Tensor.From([0L]).To(gpu);
        new IndexSelect(0).Execute(x, index);
        Assert.That(gpu.Synchronize, Throws.TypeOf<ShapeException>().With.Message.Contains("has no positions"));
        gpu.Synchronize();
    }

    [Test]
    public void Nonzero_lists_places_in_order([Values(0, 1, 5, 255, 256, 511, 512, 513, 2047, 2048, 2049, 4097, 140000)] int n, [Values] bool flat)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        foreach (double p in (double[])[0, 0.02, 0.5, 1])
        {
            Tensor mask = new RandomBernoulli([n], p, DType.Bool, 7, 0).Execute();
            GpuBits.AssertSame(gpu, new Nonzero(flat), mask);
            if (n % 7 == 0) GpuBits.AssertSame(gpu, new Nonzero(flat), mask.Reshape(7, -1).Transpose());
        }

        Tensor special = Tensor.From([0f, -0f, float.NaN, 1e-45f, float.NegativeInfinity, 0]);
        GpuBits.AssertSame(gpu, new Nonzero(flat), special);
        GpuBits.AssertSame(gpu, new Nonzero(flat), Tensor.Scalar(3));
        GpuBits.AssertSame(gpu, new Nonzero(flat), Tensor.From(0L, 5, -5));
        GpuBits.AssertSame(gpu, new Nonzero(flat), special.Cast(DType.Float16));
    }

    [Test]
    public void Triangles_keep_one_side_of_any_diagonal([Values] bool upper, [Values(long.MinValue / 2, -9L, -2L, 0L, 1L, 5L, 9L, long.MaxValue / 2)] long diagonal)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor x = Tensor.Normal([2, 7, 5], new Generator(8));
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64, DType.Float16, DType.UInt8]) GpuBits.AssertSame(gpu, new Triangle(upper, diagonal), x.Cast(dtype));
        GpuBits.AssertSame(gpu, new Triangle(upper, diagonal), Tensor.Zeros([3, 0, 4]));
        GpuBits.AssertSame(gpu, new Triangle(upper, diagonal), Tensor.Zeros([3, 4, 0]));
    }
}
