using System.Numerics;
using System.Runtime.Intrinsics;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Winograd's algorithm against direct sums: every tile, pass and vector shape, its error, and when it is chosen.</summary>
public sealed class WinogradTests
{
    /// <summary>A 3×3 convolution of images or, with planes, of volumes.</summary>
    public sealed record Case(int N, int C, int K, int H, int W, int Top = 1, int Left = 1, int Groups = 1)
    {
        /// <summary>Planes of a volume; 0 for images.</summary>
        public int D { get; init; }

        public Window Depth { get; init; } = new(1);

        public Convolution Op => D > 0 ? new Convolution3D(Depth, new(3, 1, Top), new(3, 1, Left), Groups) : new Convolution2D(new(3, 1, Top), new(3, 1, Left), Groups);
        public Shape Input => D > 0 ? [N, C, D, H, W] : [N, C, H, W];
        public Shape Weight => Sizes.Weight;
        public Shape Output => Sizes.Output;
        internal ConvolutionShape Sizes => new(Op, Op, Input, K);
    }

    private static readonly Case[] _cases =
    [
        new(2, 16, 32, 8, 8),
        new(3, 5, 7, 9, 11),
        new(1, 3, 33, 3, 3, 0, 0),
        new(2, 20, 17, 13, 1),
        new(2, 17, 20, 1, 2, 2, 2),
        new(1, 35, 4, 6, 34, 0, 2),
        new(2, 12, 8, 7, 5, 2, 0, 4),
        new(9, 40, 36, 20, 18, 1, 1, 2),        // several blocks, parts and groups
        new(13, 140, 19, 14, 14),               // two chunks of the weight gradient
        new(1, 100, 260, 3, 5),                 // slices, two parts of what they read
        new(2, 40, 36, 5, 6, 1, 1, 2),          // slices of groups
        new(2, 17, 20, 6, 9) { D = 5, Depth = new(3, 1, 1) },
        new(1, 6, 40, 9, 5, 0, 1, 2) { D = 7, Depth = new(2, 1, 1, 2) },
        new(2, 33, 3, 5, 4, 2, 0) { D = 3, Depth = new(3) },
    ];

    [Test]
    public void Every_vector_shape_and_tile_equals_the_direct_sums([ValueSource(nameof(_cases))] Case c, [Values(512, 256, 128, 0)] int bits)
    {
        if (bits == 512 && !Vector512.IsHardwareAccelerated) Assert.Ignore("This machine has no 512-bit vectors.");
        using TensorScope scope = new();
        Tensor[] operands = Operands<double>(c);
        double[][] expected = Direct(c, operands);
        foreach (bool large in new[] { false, true })
        {
            double[][] actual = bits switch
            {
                512 => Tiled<Vector512<double>, Simd512<double>>(c, operands, large),
                256 => Tiled<Vector256<double>, Simd256<double>>(c, operands, large),
                128 => Tiled<Vector128<double>, Simd128<double>>(c, operands, large),
                _ => Tiled<double, SimdScalar<double>>(c, operands, large),
            };
            for (int i = 0; i < expected.Length; i++) Assert.That(Error(actual[i], expected[i]), Is.LessThan(1e-14), $"pass {i}, large tiles: {large}");
        }
    }

    // Both sides of the terms from which on large tiles are chosen, in all passes.
    private static readonly Case[] _accuracies =
    [
        new(2, 16, 16, 16, 16),
        new(2, 32, 32, 16, 16),
        new(2, 64, 64, 8, 8),
        new(1, 64, 64, 16, 16),
        new(5, 64, 64, 16, 16),
        new(1, 128, 128, 8, 8),
        new(1, 256, 256, 8, 8),
        new(2, 8, 8, 8, 8) { D = 4, Depth = new(3, 1, 1) },
        new(4, 24, 24, 8, 8) { D = 6, Depth = new(3, 1, 1) },
        new(1, 32, 32, 8, 8) { D = 4, Depth = new(3, 1, 1) },
    ];

    [TestCaseSource(nameof(_accuracies))]
    public void What_is_chosen_rounds_at_most_one_and_a_half_times_as_much_as_plain_sums(Case c)
    {
        using TensorScope scope = new();
        Tensor[] operands = Operands<float>(c);
        double[][] exact = Direct(c, Array.ConvertAll(operands, x => new Cast(DType.Float64).Execute(x))), plain = Array.ConvertAll(PlainSums(c, operands), Doubles);
        ConvolutionMethod[] chosen =
        [
            Chosen(c), CpuConvolution.MethodFor<ConvolutionBackwardInput>(c.Sizes, DType.Float32, ConvolutionAlgorithm.Fastest),
            CpuConvolution.MethodFor<ConvolutionBackwardWeight>(c.Sizes, DType.Float32, ConvolutionAlgorithm.Fastest),
        ];
        for (int pass = 0; pass < 3; pass++)
        {
            double limit = chosen[pass] == ConvolutionMethod.Winograd4 ? 1.5 : 1.2;
            Assert.That(Error(Doubles(By(c, operands, chosen[pass])[pass].ToArray<float>()), exact[pass]), Is.LessThan(limit * Error(plain[pass], exact[pass])), $"pass {pass} by {chosen[pass]}");
        }
    }

    [Test]
    public void Large_tiles_need_sums_of_many_terms()
    {
        Assert.That(Chosen(new(32, 64, 32, 32, 32)), Is.EqualTo(ConvolutionMethod.Winograd4));
        Assert.That(Chosen(new(32, 32, 64, 32, 32)), Is.EqualTo(ConvolutionMethod.Winograd2), "32 channels");
        Assert.That(Gradient<ConvolutionBackwardInput>(new(32, 32, 64, 32, 32)), Is.EqualTo(ConvolutionMethod.Winograd4), "of 64 channels");
        Assert.That(Gradient<ConvolutionBackwardInput>(new(32, 64, 32, 32, 32)), Is.EqualTo(ConvolutionMethod.Winograd2), "of 32 channels");
        Assert.That(Gradient<ConvolutionBackwardWeight>(new(32, 16, 64, 32, 32)), Is.EqualTo(ConvolutionMethod.Winograd4), "many pixels");
        Assert.That(Gradient<ConvolutionBackwardWeight>(new(4, 256, 256, 14, 14)), Is.EqualTo(ConvolutionMethod.Winograd2), "784 pixels");
        Assert.That(Gradient<ConvolutionBackwardWeight>(new(1, 64, 64, 32, 32, 0, 0)), Is.EqualTo(ConvolutionMethod.Winograd2), "900 pixels");
        Assert.That(Gradient<ConvolutionBackwardWeight>(new(1, 64, 64, 34, 34, 0, 0)), Is.EqualTo(ConvolutionMethod.Winograd4), "1024 pixels");

        static ConvolutionMethod Gradient<TPass>(Case c) where TPass : struct, IConvolutionPass => CpuConvolution.MethodFor<TPass>(c.Sizes, DType.Float32, ConvolutionAlgorithm.Fastest);
    }

    [Test]
    public void The_number_of_threads_changes_no_bit()
    {
        using TensorScope scope = new();
        Case c = new(7, 40, 36, 21, 26);
        Tensor[] operands = Operands<float>(c);
        Threads.ChangeNoBit(() => Array.ConvertAll(By(c, operands, ConvolutionMethod.Winograd4), y => y.ToArray<float>()), 1, 2, 3);
    }

    [Test]
    public void Tiles_are_chosen_where_they_save_more_than_they_cost()
    {
        Assert.That(Chosen(new(32, 64, 64, 32, 32)), Is.EqualTo(ConvolutionMethod.Winograd4));
        Assert.That(Chosen(new(32, 256, 256, 6, 6)), Is.EqualTo(ConvolutionMethod.Winograd2), "four small tiles each way and no waste");
        Assert.That(Chosen(new(32, 3, 64, 32, 32)), Is.EqualTo(ConvolutionMethod.Direct), "few channels");
        Assert.That(Chosen(new(32, 512, 512, 4, 4)), Is.EqualTo(ConvolutionMethod.Winograd4), "few tiles: slices");
        Assert.That(Chosen(new(1, 512, 512, 7, 7)), Is.EqualTo(ConvolutionMethod.Winograd2), "fewer: filters cost most");
        Assert.That(Chosen(new(32, 256, 256, 2, 2)), Is.EqualTo(ConvolutionMethod.Winograd2), "one tile, half of whose direct products are with zeros");
        Assert.That(Chosen(new(32, 512, 512, 1, 1)), Is.EqualTo(ConvolutionMethod.SmallMap), "one of nine products");
        Assert.That(Chosen(new(8, 64, 64, 32, 32, Groups: 64)), Is.EqualTo(ConvolutionMethod.Depthwise));
        Assert.That(CpuConvolution.MethodFor<ConvolutionForward>(new Case(32, 64, 64, 32, 32).Sizes, DType.Float64, ConvolutionAlgorithm.Fastest), Is.EqualTo(ConvolutionMethod.Columns), "doubles");
        Assert.That(Chosen(new(2, 32, 32, 32, 32) { D = 16, Depth = new(3, 1, 1) }), Is.EqualTo(ConvolutionMethod.Winograd4), "volumes");
        Assert.That(Chosen(new(2, 16, 32, 32, 32) { D = 16, Depth = new(3, 2, 1) }), Is.EqualTo(ConvolutionMethod.Columns), "not every plane");
        foreach (Window window in new Window[] { new(3, 2, 1), new(3, 1, 1, 2), new(5, 1, 2), new(3, 1, 3) })
        {
            Convolution2D op = new(window, new(3, 1, 1));
            Assert.That(CpuConvolution.MethodFor<ConvolutionForward>(new(op, op, [32, 64, 32, 32], 64), DType.Float32, ConvolutionAlgorithm.Fastest), Is.EqualTo(ConvolutionMethod.Columns), $"{window}");
        }
    }

    [Test]
    public void A_mode_leaves_out_large_tiles_or_all()
    {
        Case c = new(32, 64, 64, 32, 32);
        using (ConvolutionAlgorithm.Accurate.Use()) Assert.That(Chosen(c), Is.EqualTo(ConvolutionMethod.Winograd2));
        using (ConvolutionAlgorithm.Direct.Use())
        {
            Assert.That(Chosen(c), Is.EqualTo(ConvolutionMethod.Columns));
            using (ConvolutionAlgorithm.Fastest.Use()) Assert.That(Chosen(c), Is.EqualTo(ConvolutionMethod.Winograd4));
            Assert.That(ConvolutionAlgorithms.Current, Is.EqualTo(ConvolutionAlgorithm.Direct));
        }

        Assert.That(ConvolutionAlgorithms.Current, Is.EqualTo(ConvolutionAlgorithm.Fastest));
        Assert.That(() => ((ConvolutionAlgorithm)9).Use(), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Direct_sums_keep_a_NaN_to_the_windows_that_see_it()
    {
        using TensorScope scope = new();
        Case c = new(1, 64, 64, 24, 24);
        Tensor[] operands = Operands<float>(c);
        float[] image = operands[0].ToArray<float>();
        image[10 * c.W + 10] = float.NaN;
        operands[0] = Tensor.From(image, c.Input);
        using (ConvolutionAlgorithm.Direct.Use()) Assert.That(c.Op.Execute(operands[0], operands[1]).ToArray<float>().Count(float.IsNaN), Is.EqualTo(9 * 64));
        Assert.That(c.Op.Execute(operands[0], operands[1]).ToArray<float>().Count(float.IsNaN), Is.GreaterThan(9 * 64), "whole tiles");
    }

    private static ConvolutionMethod Chosen(Case c) => CpuConvolution.MethodFor<ConvolutionForward>(c.Sizes, DType.Float32, ConvolutionAlgorithms.Current);

    /// <summary>x, weight, bias and the result's gradient.</summary>
    private static Tensor[] Operands<T>(Case c) where T : unmanaged, IFloatingPoint<T>
    {
        System.Random random = new(7);
        return Array.ConvertAll(new[] { c.Input, c.Weight, [c.K], c.Output }, shape =>
        {
            T[] values = new T[shape.Count];
            for (int i = 0; i < values.Length; i++) values[i] = T.CreateChecked(2 * random.NextDouble() - 1);
            return Tensor.From(values, shape);
        });
    }

    /// <summary>y, dx and dw of doubles.</summary>
    private static double[][] Direct(Case c, Tensor[] operands) => Array.ConvertAll(By(c, operands, ConvolutionMethod.Columns), r => r.ToArray<double>());

    private static Tensor[] By(Case c, Tensor[] operands, ConvolutionMethod method)
    {
        Tensor y = Tensor.Empty(c.Output, operands[0].DType), dx = Tensor.Empty(c.Input, operands[0].DType), dw = Tensor.Empty(c.Weight, operands[0].DType);
        (ConvolutionArguments forward, ConvolutionArguments input, ConvolutionArguments weight) = Arguments(c, operands, y, dx, dw);
        CpuConvolution.Run<ConvolutionForward>(y, forward, method);
        CpuConvolution.Run<ConvolutionBackwardInput>(y, input, method);
        CpuConvolution.Run<ConvolutionBackwardWeight>(y, weight, method);
        return [y, dx, dw];
    }

    private static double[][] Tiled<V, S>(Case c, Tensor[] operands, bool large) where V : struct where S : struct, ISimd<double, V>
        => large ? Tiled<V, S, WinogradTile4>(c, operands, ConvolutionMethod.Winograd4) : Tiled<V, S, WinogradTile2>(c, operands, ConvolutionMethod.Winograd2);

    private static double[][] Tiled<V, S, TTile>(Case c, Tensor[] operands, ConvolutionMethod method) where V : struct where S : struct, ISimd<double, V> where TTile : struct, IWinogradTile
    {
        Tensor y = Tensor.Empty(c.Output, DType.Float64), dx = Tensor.Empty(c.Input, DType.Float64), dw = Tensor.Empty(c.Weight, DType.Float64);
        (ConvolutionArguments forward, ConvolutionArguments input, ConvolutionArguments weight) = Arguments(c, operands, y, dx, dw);
        long most = Math.Max(ConvolutionForward.SharedElements(c.Sizes, method, 8), Math.Max(ConvolutionBackwardInput.SharedElements(c.Sizes, method, 8), ConvolutionBackwardWeight.SharedElements(c.Sizes, method, 8)));
        using Tensor shared = Tensor.Empty([most], DType.Float64);
        forward.Shared = input.Shared = weight.Shared = shared.Pointer;
        ConvolutionForward.Winograd<double, V, S, TTile>(forward);
        ConvolutionBackwardInput.Winograd<double, V, S, TTile>(input);
        ConvolutionBackwardWeight.Winograd<double, V, S, TTile>(weight);
        return [y.ToArray<double>(), dx.ToArray<double>(), dw.ToArray<double>()];
    }

    private static (ConvolutionArguments Forward, ConvolutionArguments Input, ConvolutionArguments Weight) Arguments(Case c, Tensor[] x, Tensor y, Tensor dx, Tensor dw)
    {
        ConvolutionArguments all = new() { Shape = c.Sizes, X = x[0].Pointer, Weight = x[1].Pointer, Bias = x[2].Pointer, Y = x[3].Pointer };
        return (all with { Y = y.Pointer }, all with { X = dx.Pointer, Bias = 0 }, all with { Weight = dw.Pointer, Bias = 0 });
    }

    /// <summary>y, dx and dw with one sum per element, in single precision.</summary>
    private static float[][] PlainSums(Case c, Tensor[] operands)
    {
        float[] x = operands[0].ToArray<float>(), w = operands[1].ToArray<float>(), g = operands[3].ToArray<float>(), y = new float[g.Length], dx = new float[x.Length], dw = new float[w.Length];
        ConvolutionShape p = c.Sizes;
        WindowPlane plane = p.Plane;
        for (int t = 0; t < w.Length; t++)
        {
            int k = t / (c.C * p.Taps), channel = t / p.Taps % c.C, a = t % p.Taps / 9, row = t % 9 / 3 - c.Top, column = t % 3 - c.Left;
            for (int n = 0; n < c.N; n++)
                for (int d = 0; d < p.OutputDepth; d++)
                {
                    if (p.InputPlane(d, a) is not (>= 0 and int z)) continue;
                    int from = ((n * c.C + channel) * p.InputDepth + z) * plane.ImagePixels, to = ((n * c.K + k) * p.OutputDepth + d) * plane.OutputPixels;
                    for (int i = Math.Max(0, -row); i < Math.Min(plane.OutputHeight, c.H - row); i++)
                        for (int j = Math.Max(0, -column); j < Math.Min(plane.OutputWidth, c.W - column); j++)
                        {
                            int pixel = from + (i + row) * c.W + j + column, result = to + i * plane.OutputWidth + j;
                            y[result] += x[pixel] * w[t];
                            dx[pixel] += g[result] * w[t];
                            dw[t] += g[result] * x[pixel];
                        }
                }
        }

        float[] bias = operands[2].ToArray<float>();
        for (int i = 0; i < y.Length; i++) y[i] += bias[i / p.OutputVolume % c.K];
        return [y, dx, dw];
    }

    private static double[] Doubles(float[] x) => Array.ConvertAll(x, v => (double)v);

    /// <summary>The root mean square of the errors, as a part of that of the values.</summary>
    private static double Error(double[] actual, double[] expected)
        => Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum() / Math.Max(expected.Sum(e => e * e), double.Epsilon));
}
