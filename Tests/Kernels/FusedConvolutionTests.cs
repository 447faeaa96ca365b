using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Fused convolutions against one op after the other in double precision, by every method, and when each is chosen.</summary>
[InTensorScope]
public sealed class FusedConvolutionTests
{
    /// <summary>A convolution of so many images and the method that is expected for images with their channels last.</summary>
    internal sealed record Case(FusedMethod Method, int N, int C, int H, int W, int K, Window Vertical, Window Horizontal, int Groups = 1)
    {
        public Convolution2D Op => new(Vertical, Horizontal, Groups);

        public override string ToString() => $"{Method} {N}x{C}x{H}x{W} to {K}, {Vertical.Size}x{Horizontal.Size} by {Vertical.Stride}";
    }

    private static readonly Window _same = new(3, 1, 1);

    private static IEnumerable<TestCaseData> Cases() => new Case[]
    {
        new(FusedMethod.Pointwise, 2, 33, 9, 7, 40, new(1), new(1)),
        new(FusedMethod.Pointwise, 1, 256, 7, 7, 96, new(1), new(1)),
        new(FusedMethod.Rows, 1, 5, 11, 13, 7, _same, _same),
        new(FusedMethod.Rows, 2, 24, 15, 14, 33, new(3, 2, 1), new(3, 2, 1)),
        new(FusedMethod.Rows, 9, 24, 3, 2, 33, _same, _same),
        new(FusedMethod.Rows, 1, 40, 30, 31, 48, new(1, 2), new(1, 2)),
        new(FusedMethod.Rows, 1, 3, 40, 41, 20, new(5, 1, 4, 2), new(3, 2, 0, 3)),
        new(FusedMethod.Winograd4, 1, 64, 41, 39, 64, _same, _same),
        new(FusedMethod.Winograd4, 2, 72, 30, 29, 70, new(3), new(3, 1, 2)),
        new(FusedMethod.Winograd2, 1, 512, 7, 7, 512, _same, _same),
        new(FusedMethod.Winograd2, 1, 270, 6, 6, 262, _same, _same),
        new(FusedMethod.Depthwise, 2, 35, 14, 14, 35, _same, _same, 35),
        new(FusedMethod.Depthwise, 1, 16, 7, 7, 16, _same, _same, 16),
        new(FusedMethod.Depthwise, 1, 32, 23, 40, 32, new(3, 2, 1), new(3, 2, 1), 32),
        new(FusedMethod.Depthwise, 1, 18, 12, 9, 18, new(5, 1, 4, 2), new(4, 3, 5), 18),
        new(FusedMethod.Depthwise, 1, 16, 3, 2, 16, new(3, 1, 2), new(3, 1, 2), 16),
    }.Select(c => new TestCaseData(c).SetArgDisplayNames(c.ToString()));

    [TestCaseSource(nameof(Cases))]
    public void The_result_is_that_of_one_op_after_the_other(object given)
    {
        Case c = (Case)given;
        Assert.That(Chosen(c), Is.EqualTo(c.Method));
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
            foreach (Activation activation in (Activation[])[Activation.None, Activation.Relu6, Activation.Silu])
            {
                Tensor[] x = Operands(c, dtype);
                double[] expected = HostValues.Of(Composed(c.Op, activation, [.. x.Select(t => t.Cast(DType.Float64))]));
                double tolerance = dtype == DType.Float32 ? 4e-6 : 1e-13;
                foreach (bool channelsLast in new[] { false, true })
                {
                    Tensor image = channelsLast ? Turned(x[0]) : x[0], y = new FusedConvolution(c.Op, activation).Execute(image, x[1], x[2], x[3]);
                    Values.AssertClose(HostValues.Of(y), expected, tolerance, $"{dtype}, {activation}, channels last: {channelsLast}");
                }
            }
    }

    [TestCaseSource(nameof(Cases))]
    public void A_filter_prepared_before_and_any_number_of_threads_change_no_bit(object given)
    {
        Case c = (Case)given;
        Tensor[] x = Operands(c, DType.Float32);
        Tensor image = Turned(x[0]);
        double[] expected = HostValues.Of(new FusedConvolution(c.Op, Activation.Relu).Execute(image, x[1], x[2], x[3]));
        using PreparedFilter filter = new(new(c.Op, c.Op, x[0].Shape, c.K), c.Method, x[1]);
        foreach (int count in new[] { 1, 3 })
        {
            using Threads.Usage usage = Threads.Use(count);
            double[] actual = HostValues.Of(new FusedConvolution(c.Op, Activation.Relu) { Prepared = filter }.Execute(image, x[1], x[2], x[3]));
            Assert.That(actual, Is.EqualTo(expected), $"{count} threads");
        }
    }

    [Test]
    public void Modes_and_types_that_forbid_tiles_get_sums()
    {
        Case c = new(FusedMethod.Winograd4, 1, 64, 40, 40, 64, _same, _same);
        using (ConvolutionAlgorithm.Accurate.Use()) Assert.That(Chosen(c), Is.EqualTo(FusedMethod.Winograd2));
        using (ConvolutionAlgorithm.Direct.Use()) Assert.That(Chosen(c), Is.EqualTo(FusedMethod.Rows));
        Assert.That(FusedChoice.For(new(c.Op, c.Op, [1, 64, 40, 40], 64), DType.Float64, ConvolutionAlgorithm.Fastest, isPlain: false), Is.EqualTo(FusedMethod.Rows));
    }

    [Test]
    public void An_addend_of_another_shape_is_refused()
        => Assert.That(() => new FusedConvolution(new Convolution2D(new(1), new(1)), Activation.None).Execute(Tensor.Zeros([1, 2, 3, 3]), Tensor.Zeros([4, 2, 1, 1]), Tensor.Zeros([4]), Tensor.Zeros([1, 4, 1, 3])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[1, 4, 1, 3]").And.Message.Contains("[1, 4, 3, 3]"));

    private static FusedMethod Chosen(Case c) => FusedChoice.For(new(c.Op, c.Op, [c.N, c.C, c.H, c.W], c.K), DType.Float32, ConvolutionAlgorithms.Current, isPlain: false);

    /// <summary>x, weight, bias and an addend; sums of all terms are about 1.</summary>
    private static Tensor[] Operands(Case c, DType dtype)
    {
        Generator generator = new(7);
        ConvolutionShape shape = new(c.Op, c.Op, [c.N, c.C, c.H, c.W], c.K);
        double spread = 1 / Math.Sqrt(shape.GroupChannels * shape.Taps);
        return [.. new[] { Shape.Create(c.N, c.C, c.H, c.W), shape.Weight, [c.K], shape.Output }.Select((s, i) => Tensor.Normal(s, generator.Fork((ulong)i), 0, i == 1 ? spread : 1).Cast(dtype))];
    }

    private static Tensor Turned(Tensor x) => x.Permute(0, 2, 3, 1).Copy().Permute(0, 3, 1, 2);

    private static Tensor Composed(Convolution op, Activation activation, Tensor[] x)
    {
        Tensor y = op.Execute(x[0], x[1], x[2]) + x[3];
        foreach (Op step in ActivationOps.Of(activation)) y = step.Execute(y);
        return y;
    }
}
