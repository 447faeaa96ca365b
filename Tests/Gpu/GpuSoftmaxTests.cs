using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Softmax, its relatives and cross-entropy on each GPU against the CPU.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuSoftmaxTests(string device) : GpuFixture(device)
{
    private static readonly long[] _lengths = [1, 2, 3, 8, 9, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256, 257, 511, 512, 513, 1000, 2049, 4097];

    private static IEnumerable<OpSample> Lines(Shape shape, int axis)
    {
        Operand x = new(shape, -3, 3);
        yield return new(new AlongAxis<Softmax>(axis), [x]);
        yield return new(new AlongAxis<LogSoftmax>(axis), [x]);
        yield return new(new AlongAxis<SoftmaxGradient>(axis), [new(shape), new(shape, 0.1, 1)]);
        yield return new(new AlongAxis<LogSoftmaxGradient>(axis), [new(shape), new(shape, -5, -1)]);
    }

    [Test]
    public void Rows_and_columns_of_every_length_agree([ValueSource(nameof(_lengths))] long n)
    {
        foreach ((Shape shape, int axis) in ((Shape, int)[])[([3, n], 1), ([n, 3], 0), ([n, 33], 0), ([2, n, 17], 1)])
            foreach (OpSample sample in Lines(shape, axis)) Check(sample, n is 33 or 65 or 1000);
    }

    // Kernels of double precision take long to compile for a processor, and differ in the type alone: some sizes are enough.
    private void Check(OpSample sample, bool bothTypes, bool gradients = false)
    {
        if (bothTypes) GpuParity.Check(Gpu, sample, gradients);
        else GpuParity.Check(Gpu, sample, DType.Float32, gradients);
    }

    [Test]
    public void Many_rows_and_very_long_ones_agree()
    {
        foreach ((Shape shape, int axis) in ((Shape, int)[])[([5000, 10], 1), ([2, 70_000], 1), ([70_000, 2], 0), ([700, 300], 0)])
            foreach (OpSample sample in Lines(shape, axis)) Check(sample, bothTypes: false);
    }

    [Test]
    public void Special_values_spoil_a_line_as_on_the_processor([Values(2, 10, 300, 5000)] int n)
    {
        Tensor x = GpuReductionTests.SpecialRows(n);
        foreach (int axis in (int[])[0, 1])
        {
            GpuParity.Check(Gpu, new AlongAxis<Softmax>(axis), [x], $"{n}, dimension {axis}");
            GpuParity.Check(Gpu, new AlongAxis<LogSoftmax>(axis), [x], $"{n}, dimension {axis}");
        }

        GpuParity.Check(Gpu, new AlongAxis<Softmax>(1), [Tensor.Full([2, n], double.NegativeInfinity)], "nothing but -inf");
        GpuParity.Check(Gpu, new AlongAxis<Softmax>(1), [Tensor.From((float[])[1e30f, -1e30f, 1e30f, 100, 200, 300], [2, 3])], "large numbers");
    }

    [Test]
    public void Nothing_and_views_agree()
    {
        foreach (Shape shape in (Shape[])[[0, 3], [3, 0]]) GpuParity.Check(Gpu, new AlongAxis<Softmax>(1), [Tensor.Zeros(shape)], $"{shape}");
        Tensor x = new Operand([9, 40]).Make(DType.Float32, new Generator(1));
        GpuParity.Check(Gpu, new AlongAxis<Softmax>(1), [x], "backwards", t => new Slice(1, 39, 13, -3).Execute(t));
        GpuParity.Check(Gpu, new AlongAxis<LogSoftmax>(0), [new Operand([1, 4]).Make(DType.Float32, new Generator(1))], "expanded", t => new Expand([30, 4]).Execute(t));
    }

    private static IEnumerable<CrossEntropy> Losses
        => from reduction in Enum.GetValues<Reduction>() from smoothing in (double[])[0, 0.1, 1] select new CrossEntropy(reduction, 1, smoothing);

    [Test]
    public void Cross_entropy_and_its_gradient_agree([ValueSource(nameof(Losses))] CrossEntropy loss, [Values] bool weighted,
        [Values("5x2", "3x33", "70x10", "7x257", "2x1000", "3x5000", "2x3x7", "2x21x100", "1000x3")] string size)
    {
        Shape shape = size.Split('x').Select(long.Parse).ToArray();
        Operand logits = new(shape, -3, 3), targets = Operand.Indices(CrossEntropy.SampleShape(shape), shape[1]), weights = new([shape[1]], 0.5, 2);
        Check(new OpSample(loss, weighted ? [logits, targets, weights] : [logits, targets]) { Constants = [2] }, size is "7x257" or "2x21x100", gradients: true);
    }

    [Test]
    public void Losses_where_every_sample_is_left_out_agree([Values] Reduction reduction, [Values(0, 0.1)] double smoothing)
    {
        Operand logits = new([3, 5]), targets = new([3]) { Type = DType.Int64, Values = [-100, -100, -100] };
        GpuParity.Check(Gpu, new OpSample(new CrossEntropy(reduction, -100, smoothing), [logits, targets]), gradients: true);
        GpuParity.Check(Gpu, new OpSample(new CrossEntropy(reduction, -100, smoothing), [logits, targets, new([5], 0, 1)]) { Constants = [2] }, gradients: true);
    }

    [Test]
    public void Losses_of_no_samples_agree([Values] Reduction reduction)
        => GpuParity.Check(Gpu, new CrossEntropy(reduction, -100, 0.1), [Tensor.Zeros([0, 3]), Tensor.Zeros([0], DType.Int64)], "of nothing");

    [Test]
    public void Special_logits_agree([Values(0, 0.1)] double smoothing)
    {
        Tensor x = GpuReductionTests.SpecialRows(12), targets = Tensor.From([.. Enumerable.Range(0, (int)x.Shape[0]).Select(i => (long)(i % 12))], [x.Shape[0]]);
        GpuParity.Check(Gpu, new CrossEntropy(Reduction.None, -100, smoothing), [x, targets], "special values");
        GpuParity.Check(Gpu, new CrossEntropy(Reduction.None, -100, smoothing), [x, targets, Tensor.Full([12], 0.5)], "special values, weighted");
    }

    [Test]
    public void A_target_that_is_no_class_throws_as_on_the_processor([Values(-1, 3, long.MaxValue, -100)] long target, [Values] bool pixels)
    {
        Shape shape = pixels ? [2, 3, 2] : [4, 3];
        long[] targets = [0, 2, target, 1];
        Tensor logits = Tensor.Zeros(shape), t = Tensor.From(targets, CrossEntropy.SampleShape(shape));
        CrossEntropy loss = new(Reduction.Mean, -7, 0);
        string? expected = Assert.Throws<ArgumentOutOfRangeException>(() => loss.Execute(logits, t))?.Message;
        Tensor onDevice = loss.Execute(new Transfer(logits.Accelerator, Gpu).Execute(logits), new Transfer(t.Accelerator, Gpu).Execute(t));
        Assert.That(() => onDevice.ToDouble(), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.EqualTo(expected));
        Assert.That(() => onDevice.ToDouble(), Throws.Nothing);
    }
}
