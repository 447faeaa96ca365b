using FsCheck;
using FsCheck.Fluent;
using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests;

/// <summary>Convolutions and their gradients against sums written out in double precision.</summary>
public sealed class ConvolutionTests
{
    /// <summary>One convolution: sizes and attributes. With a depth it is one of volumes.</summary>
    public sealed record Case(int N, int C, int H, int W, int K, Window Vertical, Window Horizontal, int Groups = 1)
    {
        /// <summary>Planes of a volume; 0 for images.</summary>
        public int D { get; init; }

        public Window Depth { get; init; } = new(1);

        public bool IsVolume => D > 0;
        public Convolution Op => IsVolume ? new Convolution3D(Depth, Vertical, Horizontal, Groups) : new Convolution2D(Vertical, Horizontal, Groups);
        public int Planes => Math.Max(D, 1);
        public int OutputPlanes => Positions(Planes, Depth);
        public int OutputHeight => Positions(H, Vertical);
        public int OutputWidth => Positions(W, Horizontal);
        public int OutputPixels => OutputPlanes * OutputHeight * OutputWidth;
        public Shape Input => IsVolume ? [N, C, D, H, W] : [N, C, H, W];
        public Shape Weight => IsVolume ? [K, C / Groups, Depth.Size, Vertical.Size, Horizontal.Size] : [K, C / Groups, Vertical.Size, Horizontal.Size];
        public Shape Output => IsVolume ? [N, K, OutputPlanes, OutputHeight, OutputWidth] : [N, K, OutputHeight, OutputWidth];

        private static int Positions(int length, Window w) => (length + 2 * w.Padding - w.Dilation * (w.Size - 1) - 1) / w.Stride + 1;
    }

    /// <summary>A convolution of volumes.</summary>
    public static Case Volume(int n, int c, int d, int h, int w, int k, Window depth, Window vertical, Window horizontal, int groups = 1)
        => new(n, c, h, w, k, vertical, horizontal, groups) { D = d, Depth = depth };

    private static readonly Case[] _cases =
    [
        new(2, 3, 6, 5, 4, new(3), new(3)),
        new(3, 1, 28, 28, 32, new(5, 1, 2), new(5, 1, 2)),
        new(2, 32, 14, 14, 33, new(3, 1, 1), new(3, 1, 1)),
        new(2, 5, 17, 19, 7, new(3, 2, 1), new(3, 2, 1)),
        new(1, 3, 33, 37, 12, new(7, 2, 3), new(7, 2, 3)),
        new(2, 4, 23, 31, 6, new(2, 3, 2, 3), new(3, 4, 1, 2), 2),
        new(2, 6, 9, 40, 6, new(3, 1, 1), new(3, 1, 1), 6),
        new(3, 5, 12, 33, 10, new(3, 2, 1), new(5, 2, 2), 5),
        new(2, 1, 20, 21, 1, new(3, 1, 2, 2), new(2, 3)),
        new(1, 1, 300, 310, 1, new(3), new(3)),
        new(2, 16, 5, 7, 8, new(1), new(1)),
        new(2, 6, 8, 9, 4, new(1, 2), new(1, 3), 2),
        new(1, 2, 3, 3, 2, new(1, 1, 2), new(3, 1, 4)),
        new(1, 1, 1, 1, 1, new(1), new(1)),
        new(1, 2, 1, 3000, 3, new(1), new(9, 1, 4)),
        new(1, 100, 30, 31, 5, new(3, 1, 1), new(3, 1, 1)),
        new(2, 17, 1, 301, 21, new(1), new(5, 1, 2)),                                   // along lines
        new(1, 38, 1, 277, 34, new(1), new(4, 1, 1, 3), 2),
        new(20, 3, 4, 5, 2, new(4), new(5)),
        new(2, 2, 64, 65, 3, new(5, 3, 0, 2), new(5, 2, 1, 3)),
        new(0, 2, 5, 5, 3, new(3), new(3)),
        new(3, 5, 1, 1, 6, new(3, 1, 1), new(3, 1, 1)),                                 // most of the window meets nothing but the border
        new(4, 3, 2, 2, 5, new(3, 2, 1), new(3, 2, 1)),
        new(2, 3, 3, 2, 4, new(3, 1, 3, 3), new(4, 1, 3, 2)),
        new(2, 3, 1, 1, 4, new(1, 9, 5), new(2, 1, 1)),                                 // no position meets the image
        Volume(2, 3, 4, 5, 6, 4, new(2), new(3), new(3)),
        Volume(1, 5, 9, 17, 19, 7, new(3, 2, 1), new(3, 2, 1), new(3, 1, 1)),
        Volume(2, 4, 7, 11, 13, 6, new(2, 3, 2, 3), new(2, 1, 0, 2), new(3, 4, 1, 2), 2),
        Volume(2, 6, 5, 9, 20, 6, new(3, 1, 1), new(3, 1, 1), new(3, 1, 1), 6),         // depthwise
        Volume(2, 3, 8, 6, 7, 6, new(3, 2, 1), new(2, 2), new(3, 1, 2), 3),
        Volume(1, 1, 16, 30, 64, 3, new(3, 1, 1), new(3, 1, 1), new(3, 1, 1)),          // one channel is cut into slabs
        Volume(1, 2, 33, 40, 41, 2, new(4, 3, 2, 2), new(3, 1, 1), new(3, 2, 1)),
        Volume(1, 1, 50, 12, 12, 2, new(5, 4), new(3), new(3)),                         // planes that no window reads
        Volume(2, 8, 20, 3, 3, 9, new(3, 1, 1), new(3, 1, 1), new(3, 1, 1)),            // strips that run on from plane to plane
        Volume(3, 4, 2, 2, 2, 5, new(2), new(2), new(2)),                               // windows that cover everything
        Volume(4, 4, 3, 3, 3, 5, new(2), new(2), new(2)),
        Volume(2, 5, 3, 4, 7, 6, new(1), new(1), new(1)),                               // pointwise
        Volume(2, 3, 9, 4, 5, 4, new(3, 2, 1), new(1), new(1)),                         // along the depth
        Volume(2, 3, 4, 6, 5, 4, new(1, 2), new(3, 1, 1), new(3)),                      // plane by plane
        Volume(1, 2, 1, 4, 5, 3, new(3, 1, 1), new(2), new(2)),                         // one plane and its border
        Volume(1, 2, 1, 4, 5, 3, new(1, 1, 1), new(2), new(2)),
        Volume(1, 2, 1, 4, 5, 3, new(1, 5), new(2), new(2)),
        Volume(0, 2, 3, 5, 5, 3, new(3), new(3), new(3)),
        Volume(3, 2, 1, 2, 1, 3, new(3, 1, 1), new(3, 2, 1), new(3, 1, 1)),             // most of the window meets nothing but the border
    ];

    [TestCaseSource(nameof(_cases))]
    public void Results_equal_the_written_out_sums(Case c)
    {
        Check<float>(c, 1e-5);
        Check<double>(c, 1e-14);
    }

    [Test]
    public void Random_convolutions_equal_the_written_out_sums()
    {
        Gen<Window> window = from size in Gen.Choose(1, 5) from stride in Gen.Choose(1, 4) from padding in Gen.Choose(0, 4) from dilation in Gen.Choose(1, 3)
                             select new Window(size, stride, padding, dilation);
        Gen<Case> convolution = from n in Gen.Choose(1, 3) from groups in Gen.Choose(1, 3) from channels in Gen.Choose(1, 6) from filters in Gen.Choose(1, 9)
                                from h in Gen.Choose(1, 24) from w in Gen.Choose(1, 70) from vertical in window from horizontal in window
                                select new Case(n, channels * groups, (int)Math.Max(h, vertical.Extent), (int)Math.Max(w, horizontal.Extent), filters * groups, vertical, horizontal, groups);
        Prop.ForAll(convolution.ToArbitrary(), c => Check<double>(c, 1e-14)).QuickCheckThrowOnFailure();
        Gen<Case> volumes = from c in convolution from d in Gen.Choose(1, 9) from depth in window
                            select c with { H = (int)Math.Max(c.H / 3, c.Vertical.Extent), W = (int)Math.Max(c.W / 5, c.Horizontal.Extent), D = (int)Math.Max(d, depth.Extent), Depth = depth };
        Prop.ForAll(volumes.ToArbitrary(), c => Check<double>(c, 1e-14)).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Operands_may_have_any_strides()
    {
        using TensorScope scope = new();
        Case c = new(2, 3, 6, 7, 4, new(3, 1, 1), new(2, 2));
        Tensor x = Random<double>(c.Input, 1), w = Random<double>(c.Weight, 2), g = Random<double>(c.Output, 3);
        Tensor Turned(Tensor t) => new Permute([3, 2, 1, 0]).Execute(new Copy().Execute(new Permute([3, 2, 1, 0]).Execute(t)));
        Assert.That(Turned(x).Layout.IsContiguous, Is.False);
        AssertClose(c.Op.Execute(Turned(x), Turned(w)), c.Op.Execute(x, w).ToArray<double>(), 0);
        Assert.That(new ConvolutionInputGradient(c.Op, c.Input).Execute(Turned(g), Turned(w)).ToArray<double>(), Is.EqualTo(new ConvolutionInputGradient(c.Op, c.Input).Execute(g, w).ToArray<double>()));
        Assert.That(new ConvolutionWeightGradient(c.Op).Execute(Turned(x), Turned(g)).ToArray<double>(), Is.EqualTo(new ConvolutionWeightGradient(c.Op).Execute(x, g).ToArray<double>()));
    }

    [Test]
    public void The_number_of_threads_changes_no_bit()
    {
        CheckThreads(new(11, 20, 20, 21, 24, new(3, 1, 1), new(3, 2, 1), 2));
        CheckThreads(new(9, 13, 20, 21, 13, new(3, 1, 1), new(3, 2, 1), 13));
        CheckThreads(new(3, 17, 1, 601, 21, new(1), new(5, 1, 2)));
        CheckThreads(new(11, 8, 20, 28, 8, new(3, 1, 1), new(3, 1, 1), 2));
        CheckThreads(Volume(2, 6, 12, 20, 21, 8, new(3, 1, 1), new(3, 1, 1), new(3, 2, 1), 2));
        CheckThreads(Volume(1, 1, 40, 40, 41, 2, new(3, 1, 1), new(3, 1, 1), new(3, 2, 1)));
    }

    private static void CheckThreads(Case c)
    {
        using TensorScope scope = new();
        Tensor x = Random<float>(c.Input, 1), w = Random<float>(c.Weight, 2), g = Random<float>(c.Output, 3);
        Tensor[] Passes() => [c.Op.Execute(x, w), new ConvolutionInputGradient(c.Op, c.Input).Execute(g, w), new ConvolutionWeightGradient(c.Op).Execute(x, g)];
        Threads.ChangeNoBit(() => Array.ConvertAll(Passes(), y => y.ToArray<float>()), 1, 2, 3);
    }

    [Test]
    public void Long_lines_of_many_channels_are_read_where_they_lie()
    {
        Assert.That(Chosen(new(2, 64, 1, 1024, 64, new(1), new(5, 1, 2))), Is.EqualTo(ConvolutionMethod.Lines));
        Assert.That(Chosen(new(2, 64, 1, 1024, 64, new(1), new(5, 2, 2))), Is.EqualTo(ConvolutionMethod.Columns), "stride");
        Assert.That(Chosen(new(2, 4, 1, 1024, 64, new(1), new(5, 1, 2))), Is.EqualTo(ConvolutionMethod.Columns), "few channels");
        Assert.That(Chosen(new(2, 64, 2, 1024, 64, new(1), new(5, 1, 2))), Is.EqualTo(ConvolutionMethod.Columns), "several lines");
        Assert.That(Chosen(new(2, 64, 1, 1024, 64, new(1), new(1))), Is.EqualTo(ConvolutionMethod.Columns), "the image is its own matrix of columns");

        static ConvolutionMethod Chosen(Case c) => CpuConvolution.MethodFor<ConvolutionForward>(new(c.Op, c.Op, c.Input, c.K), DType.Float32, ConvolutionAlgorithm.Fastest);
    }

    [Test]
    public void A_NaN_reaches_what_its_window_reads_and_nothing_else()
    {
        using TensorScope scope = new();
        float[] image = new float[25];
        image[6] = float.NaN;                                               // row 1, column 1
        float[] y = Tensor.From(image, [1, 1, 5, 5]).Convolution2D(Tensor.Ones([1, 1, 2, 2])).ToArray<float>();
        Assert.That(Enumerable.Range(0, 16).Where(i => float.IsNaN(y[i])), Is.EqualTo(new[] { 0, 1, 4, 5 }));
    }

    [Test]
    public void A_NaN_that_no_window_reads_spoils_no_gradient([Values(1, 4)] int filters)
    {
        // 6 columns under a window of 2 by steps of 4: columns 2 and 3 are read by nobody.
        using TensorScope scope = new();
        float[] image = new float[2 * 6], gradient = Enumerable.Repeat(1f, filters * 2).ToArray();
        image[2] = float.NaN;
        image[8] = float.PositiveInfinity;
        Convolution2D op = new(new(2), new(2, 4));
        Tensor dw = new ConvolutionWeightGradient(op).Execute(Tensor.From(image, [1, 1, 2, 6]), Tensor.From(gradient, [1, filters, 1, 2]));
        Assert.That(dw.ToArray<float>(), Has.All.EqualTo(0));
        Tensor dx = new ConvolutionInputGradient(op, [1, 1, 2, 6]).Execute(Tensor.From(gradient, [1, filters, 1, 2]), Tensor.Ones([filters, 1, 2, 2]));
        Assert.That(dx.ToArray<float>(), Is.EqualTo(new float[] { filters, filters, 0, 0, filters, filters, filters, filters, 0, 0, filters, filters }));
    }

    [Test]
    public void What_meets_nothing_but_the_border_has_no_part_in_the_sum_nor_a_gradient()
    {
        using TensorScope scope = new();
        float[] filter = Enumerable.Repeat(float.PositiveInfinity, 9).ToArray();
        filter[4] = 3;
        Convolution2D op = new(new(3, 1, 1), new(3, 1, 1));
        Tensor x = Tensor.From([2f, 0f, 0f, 5f, 0f, 0f], [2, 3, 1, 1]), w = Tensor.From([.. filter, .. filter, .. filter], [1, 3, 3, 3]), g = Tensor.From([1f, 10f], [2, 1, 1, 1]);
        Assert.That(op.Execute(x, w).ToArray<float>(), Is.EqualTo(new float[] { 6, 15 }));
        Assert.That(new ConvolutionInputGradient(op, x.Shape).Execute(g, w).ToArray<float>(), Is.EqualTo(new float[] { 3, 3, 3, 30, 30, 30 }));
        float[] dw = new ConvolutionWeightGradient(op).Execute(x, g).ToArray<float>();
        Assert.That(dw[4], Is.EqualTo(52));
        Assert.That(dw.Where((_, i) => i != 4), Has.All.Zero);
    }

    [Test]
    public void The_tape_delivers_the_gradients_of_image_weight_and_bias()
    {
        Case c = new(3, 4, 7, 6, 6, new(3, 2, 1), new(2, 1, 0, 2), 2);
        using Tape tape = new();
        Tensor x = tape.Watch(Random<double>(c.Input, 1)), w = tape.Watch(Random<double>(c.Weight, 2)), b = tape.Watch(Random<double>([c.K], 3)), g = Random<double>(c.Output, 4);
        Tensor y = x.Convolution2D(w, b, stride: (2, 1), padding: (1, 0), dilation: (1, 2), groups: 2);
        Tensor[] gradients = tape.Gradients((y * g).SumTo([]), [x, w, b]);
        (double[] dx, double[] dw) = Gradients(c, x.ToArray<double>(), w.ToArray<double>(), g.ToArray<double>());
        AssertClose(gradients[0], dx, 1e-14);
        AssertClose(gradients[1], dw, 1e-14);
        int pixels = c.OutputPixels;
        double[] gradient = g.ToArray<double>(), db = new double[c.K];
        for (int i = 0; i < gradient.Length; i++) db[i / pixels % c.K] += gradient[i];
        AssertClose(gradients[2], db, 1e-14);
    }

    [Test]
    public void Errors_name_the_operand_the_rule_and_the_remedy()
    {
        using TensorScope scope = new();
        Tensor x = Tensor.Zeros([2, 4, 8, 9]);
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([8, 3, 3, 3])), "[8, 3, 3, 3]", "[2, 4, 8, 9]", "[8, 4, 3, 3]");
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([9, 2, 3, 3]), groups: 2), "4 channels and 9 filters in 2 groups");
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([9, 2, 3, 3]), groups: 0), "in 0 groups");
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([8, 4, 3, 5]), dilation: (1, 3)), "width", "9", "extent 13", "more padding");
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([8, 4, 3, 3]), stride: 0), "stride 0", "at least 1");
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([8, 4, 3, 3]), padding: -1), "padding -1");
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([8, 4, 0, 3])), "size 0");
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([8, 4, 3, 3]), Tensor.Zeros([4])), "bias", "[4]", "8 filters");
        Errors.Expect<ShapeException>(() => x.Convolution2D(Tensor.Zeros([8, 36])), "[8, 36]", "[filters, channels / groups, height, width]");
        Errors.Expect<ShapeException>(() => new Reshape([8, 72]).Execute(x).Convolution2D(Tensor.Zeros([8, 4, 3, 3])), "[8, 72]", "4 dimensions");
        Assert.That(() => x.Convolution2D(Tensor.Zeros([8, 4, 3, 3], DType.Float64)), Throws.InstanceOf<DTypeException>());
    }

    [Test]
    public void Every_sample_runs_in_both_types()
    {
        using TensorScope scope = new();
        foreach (OpSample sample in OpSamples.All.Where(s => s.Op.Name.StartsWith("Convolution", StringComparison.Ordinal)))
            foreach (DType dtype in new[] { DType.Float32, DType.Float64 })
                Assert.That(sample.Op.Execute(sample.MakeOperands(dtype)).DType, Is.EqualTo(dtype));
    }

    private static void Check<T>(Case c, double tolerance) where T : unmanaged, System.Numerics.IFloatingPoint<T>
    {
        using TensorScope scope = new();
        Tensor x = Random<T>(c.Input, 1), w = Random<T>(c.Weight, 2), b = Random<T>([c.K], 3), g = Random<T>(c.Output, 4);
        double[] vx = Doubles<T>(x), vw = Doubles<T>(w), vb = Doubles<T>(b), vg = Doubles<T>(g);
        double[] y = Forward(c, vx, vw);
        int pixels = c.OutputPixels;
        (double[] dx, double[] dw) = Gradients(c, vx, vw, vg);
        AssertClose(c.Op.Execute(x, w), y, tolerance);
        AssertClose(c.Op.Execute(x, w, b), [.. y.Select((v, i) => v + vb[i / pixels % c.K])], tolerance);
        AssertClose(new ConvolutionInputGradient(c.Op, c.Input).Execute(g, w), dx, tolerance);
        AssertClose(new ConvolutionWeightGradient(c.Op).Execute(x, g), dw, tolerance);
    }

    /// <summary>Calls <paramref name="visit"/> with the positions in x, w and y of every product.</summary>
    private static void Visit(Case c, Action<int, int, int> visit)
    {
        int groupChannels = c.C / c.Groups, groupFilters = c.K / c.Groups;
        for (int n = 0; n < c.N; n++)
            for (int k = 0; k < c.K; k++)
                for (int pixel = 0; pixel < c.OutputPixels; pixel++)
                    for (int m = 0; m < groupChannels; m++)
                        for (int a = 0; a < c.Depth.Size; a++)
                            for (int r = 0; r < c.Vertical.Size; r++)
                                for (int s = 0; s < c.Horizontal.Size; s++)
                                {
                                    int d = pixel / c.OutputWidth / c.OutputHeight, i = pixel / c.OutputWidth % c.OutputHeight, j = pixel % c.OutputWidth;
                                    int plane = Place(d, a, c.Depth), row = Place(i, r, c.Vertical), column = Place(j, s, c.Horizontal);
                                    if ((uint)plane >= (uint)c.Planes || (uint)row >= (uint)c.H || (uint)column >= (uint)c.W) continue;
                                    visit((((n * c.C + k / groupFilters * groupChannels + m) * c.Planes + plane) * c.H + row) * c.W + column,
                                        (((k * groupChannels + m) * c.Depth.Size + a) * c.Vertical.Size + r) * c.Horizontal.Size + s, (n * c.K + k) * c.OutputPixels + pixel);
                                }
    }

    private static int Place(int position, int element, Window w) => position * w.Stride + element * w.Dilation - w.Padding;

    private static double[] Forward(Case c, double[] x, double[] w)
    {
        double[] y = new double[c.Output.Count];
        Visit(c, (i, j, o) => y[o] += x[i] * w[j]);
        return y;
    }

    private static (double[] Dx, double[] Dw) Gradients(Case c, double[] x, double[] w, double[] g)
    {
        double[] dx = new double[x.Length], dw = new double[w.Length];
        Visit(c, (i, j, o) =>
        {
            dx[i] += g[o] * w[j];
            dw[j] += g[o] * x[i];
        });
        return (dx, dw);
    }

    private static Tensor Random<T>(Shape shape, int seed) where T : unmanaged, System.Numerics.IFloatingPoint<T>
    {
        var random = new System.Random(seed);
        T[] values = new T[shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = T.CreateChecked(2 * random.NextDouble() - 1);
        return Tensor.From(values, shape);
    }

    private static double[] Doubles<T>(Tensor x) where T : unmanaged, System.Numerics.IFloatingPoint<T> => Array.ConvertAll(x.ToArray<T>(), v => double.CreateChecked(v));

    private static void AssertClose(Tensor actual, double[] expected, double tolerance)
    {
        double[] values = actual.DType == DType.Float32 ? Doubles<float>(actual) : Doubles<double>(actual);
        Assert.That(values, Has.Length.EqualTo(expected.Length));
        double largest = expected.Length == 0 ? 0 : expected.Max(Math.Abs), worst = expected.Length == 0 ? 0 : expected.Zip(values, (e, v) => Math.Abs(e - v)).Max();
        Assert.That(worst, Is.LessThanOrEqualTo(tolerance * Math.Max(largest, 1)));
    }
}
