using System.Runtime.Intrinsics;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Direct convolutions of small groups against sums over columns: every pass and vector shape, and when they are chosen.</summary>
public sealed class DirectConvolutionTests
{
    /// <summary>Images, or volumes if there are planes.</summary>
    public sealed record Case(int N, int C, int H, int W, int K, Window Vertical, Window Horizontal, int Groups = 1)
    {
        public int D { get; init; }

        public Window Depth { get; init; } = new(1);

        public Convolution Op => D > 0 ? new Convolution3D(Depth, Vertical, Horizontal, Groups) : new Convolution2D(Vertical, Horizontal, Groups);
        public Shape Input => D > 0 ? [N, C, D, H, W] : [N, C, H, W];
        internal ConvolutionShape Sizes => new(Op, Op, Input, K);
    }

    private static readonly Case[] _cases =
    [
        new(2, 8, 9, 28, 8, new(3, 1, 1), new(3, 1, 1), 2),
        new(3, 3, 12, 17, 7, new(3, 1, 1), new(3, 1, 1)),               // three and four filters at once
        new(1, 2, 90, 40, 9, new(5, 1, 2), new(5, 1, 2)),               // strips
        new(5, 4, 10, 5, 6, new(3), new(2), 2),                         // rows of less than a vector
        new(1, 6, 11, 33, 4, new(2, 2, 1, 2), new(4, 1, 5, 2), 2),      // a border wider than the window's part in the image
        new(2, 2, 13, 50, 5, new(3, 3, 0), new(3, 2, 1)),
        new(2, 2, 7, 70, 3, new(1), new(3, 4, 2, 2)),
        new(0, 4, 8, 16, 4, new(3), new(3), 2),
        new(2, 4, 6, 19, 6, new(3, 1, 1), new(3, 1, 1), 2) { D = 5, Depth = new(3, 1, 1) },
        new(1, 2, 6, 16, 2, new(2), new(2)) { D = 4, Depth = new(2, 2, 1) },
    ];

    [Test]
    public void Every_vector_shape_equals_the_sums_over_columns([ValueSource(nameof(_cases))] Case c, [Values(512, 256, 128, 0)] int bits)
    {
        if (bits == 512 && !Vector512.IsHardwareAccelerated) Assert.Ignore("This machine has no 512-bit vectors.");
        using TensorScope scope = new();
        ConvolutionShape sizes = c.Sizes;
        System.Random random = new(5);
        Tensor x = Doubles(c.Input), w = Doubles(sizes.Weight), b = Doubles([c.K]), g = Doubles(sizes.Output);
        Tensor[] expected = Results(), actual = Results();
        Run(expected, (pass, p) =>
        {
            if (pass == 0) CpuConvolution.Run<ConvolutionForward>(x, p, ConvolutionMethod.Columns);
            else if (pass == 1) CpuConvolution.Run<ConvolutionBackwardInput>(x, p, ConvolutionMethod.Columns);
            else CpuConvolution.Run<ConvolutionBackwardWeight>(x, p, ConvolutionMethod.Columns);
        });
        using Tensor shared = Tensor.Empty([DirectPlan.SumElements(sizes)], DType.Float64);
        Run(actual, (pass, p) =>
        {
            p.Shared = shared.Pointer;
            switch (bits)
            {
                case 512: Direct<Vector512<double>, Simd512<double>>(pass, p); break;
                case 256: Direct<Vector256<double>, Simd256<double>>(pass, p); break;
                case 128: Direct<Vector128<double>, Simd128<double>>(pass, p); break;
                default: Direct<double, SimdScalar<double>>(pass, p); break;
            }
        });
        for (int pass = 0; pass < 3; pass++)
        {
            if (pass == 1 && !sizes.IsReversible) continue;
            double[] wanted = expected[pass].ToArray<double>(), got = actual[pass].ToArray<double>();
            for (int i = 0; i < wanted.Length; i++) Assert.That(got[i], Is.EqualTo(wanted[i]).Within(1e-12), $"pass {pass}, element {i}");
        }

        Tensor Doubles(Shape shape)
        {
            double[] values = new double[shape.Count];
            for (int i = 0; i < values.Length; i++) values[i] = 2 * random.NextDouble() - 1;
            return Tensor.From(values, shape);
        }

        Tensor[] Results() => [Tensor.Full(sizes.Output, 7, DType.Float64), Tensor.Full(c.Input, 7, DType.Float64), Tensor.Full(sizes.Weight, 7, DType.Float64)];

        void Run(Tensor[] results, Action<int, ConvolutionArguments> pass)
        {
            pass(0, new() { Shape = sizes, X = x.Pointer, Weight = w.Pointer, Bias = b.Pointer, Y = results[0].Pointer });
            pass(1, new() { Shape = sizes, X = results[1].Pointer, Weight = w.Pointer, Y = g.Pointer });
            pass(2, new() { Shape = sizes, X = x.Pointer, Weight = results[2].Pointer, Y = g.Pointer });
        }
    }

    private static void Direct<V, S>(int pass, in ConvolutionArguments p) where V : struct where S : struct, ISimd<double, V>
    {
        if (pass == 2) DirectWeightGradient<double, V, S>.Run(p);
        else if (pass == 0 || p.Shape.IsReversible) DirectConvolution<double, V, S>.Run(p, reversed: pass == 1);
    }

    [Test]
    public void A_NaN_reaches_only_what_meets_it()
    {
        // The first column meets the first of three elements alone, but lies behind the end of the row before.
        using TensorScope scope = new();
        float[] image = Enumerable.Repeat(1f, 4 * 3 * 30).ToArray();
        image[30] = float.NaN;
        Convolution2D op = new(new(1), new(3), 2);
        Tensor x = Tensor.From(image, [1, 4, 3, 30]), g = Tensor.Ones([1, 8, 3, 28]);
        ConvolutionShape sizes = new(op, op, x.Shape, 8);
        Assert.That(CpuConvolution.MethodFor<ConvolutionBackwardWeight>(sizes, DType.Float32, ConvolutionAlgorithm.Fastest), Is.EqualTo(ConvolutionMethod.Direct));
        float[] dw = new ConvolutionWeightGradient(op).Execute(x, g).ToArray<float>();      // [8, 2, 1, 3]
        Assert.That(Enumerable.Range(0, dw.Length).Where(i => float.IsNaN(dw[i])), Is.EqualTo(new[] { 0, 6, 12, 18 }));
        float[] y = op.Execute(x, Tensor.Ones([8, 2, 1, 3])).ToArray<float>();
        Assert.That(Enumerable.Range(0, y.Length).Where(i => float.IsNaN(y[i])), Is.EqualTo(new[] { 28, 28 + 84, 28 + 168, 28 + 252 }));
    }

    [Test]
    public void Small_groups_and_few_channels_go_directly()
    {
        Case groups = new(16, 128, 28, 28, 128, new(3, 1, 1), new(3, 1, 1), 32), colours = new(32, 3, 32, 32, 64, new(3, 1, 1), new(3, 1, 1));
        Assert.That(Chosen<ConvolutionForward>(groups), Is.EqualTo(ConvolutionMethod.Direct));
        Assert.That(Chosen<ConvolutionBackwardInput>(groups), Is.EqualTo(ConvolutionMethod.Direct));
        Assert.That(Chosen<ConvolutionBackwardWeight>(groups), Is.EqualTo(ConvolutionMethod.Direct));
        Assert.That(Chosen<ConvolutionForward>(colours), Is.EqualTo(ConvolutionMethod.Direct));
        Assert.That(Chosen<ConvolutionBackwardInput>(colours), Is.EqualTo(ConvolutionMethod.Columns), "it sees 64 filters");
        Assert.That(Chosen<ConvolutionBackwardWeight>(colours), Is.EqualTo(ConvolutionMethod.Columns), "the planes would be read 16 times");
        int half = SimdDispatch.Bits / 64;      // of the lanes
        Assert.That(Chosen<ConvolutionForward>(groups with { W = Math.Max(1, half - 1), H = 7 }), Is.EqualTo(ConvolutionMethod.Columns), "rows of half a vector");

        static ConvolutionMethod Chosen<TPass>(Case c) where TPass : struct, IConvolutionPass => CpuConvolution.MethodFor<TPass>(c.Sizes, DType.Float32, ConvolutionAlgorithm.Fastest);
    }
}
