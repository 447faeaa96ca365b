using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;
using Case = Gradwright.Tests.ConvolutionTests.Case;

namespace Gradwright.Tests.Gpu;

/// <summary>Every way of computing a convolution and its gradients on a GPU against the CPU in double precision.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuConvolutionTests(string device)
{
    private static readonly ConvolutionWay[] _ways = Enum.GetValues<ConvolutionWay>();

    private static readonly Case[] _cases =
    [
        new(2, 3, 6, 5, 4, new(3), new(3)),
        new(5, 3, 9, 9, 16, new(3, 1, 1), new(3, 1, 1)),
        new(2, 5, 17, 19, 7, new(3, 2, 1), new(3, 2, 1)),                   // a stride: four phases
        new(1, 3, 33, 37, 12, new(7, 2, 3), new(7, 2, 3)),
        new(2, 4, 23, 31, 6, new(2, 3, 2, 3), new(3, 4, 1, 2), 2),          // stride and dilation have a divisor in common, or none; phases that no window reads
        new(4, 16, 14, 14, 24, new(3, 4, 1, 6), new(3, 6, 1, 4)),
        new(2, 2, 64, 65, 3, new(5, 3, 0, 2), new(5, 2, 1, 3)),
        new(2, 6, 9, 40, 6, new(3, 1, 1), new(3, 1, 1), 6),                 // depthwise
        new(3, 5, 12, 33, 10, new(3, 2, 1), new(5, 2, 2), 5),
        new(2, 3, 11, 10, 15, new(3, 1, 2, 2), new(2, 3), 3),
        new(5, 12, 7, 9, 18, new(3, 1, 1), new(3, 1, 1), 3),                // groups
        new(2, 16, 5, 7, 8, new(1), new(1)),                                // pointwise
        new(5, 6, 8, 8, 9, new(1), new(1), 3),
        new(3, 40, 16, 18, 70, new(1), new(1)),
        new(2, 6, 8, 9, 4, new(1, 2), new(1, 3), 2),
        new(1, 2, 3, 3, 2, new(1, 1, 2), new(3, 1, 4)),                     // windows that read nothing but border
        new(1, 1, 1, 1, 1, new(1), new(1)),
        new(20, 3, 4, 5, 2, new(4), new(5)),                                // maps of one pixel
        new(1, 300, 5, 5, 8, new(3, 1, 1), new(3, 1, 1)),                   // K is cut into parts
        new(1, 8, 5, 5, 300, new(3, 1, 1), new(3, 1, 1)),
        new(3, 2, 60, 70, 3, new(3, 1, 1), new(3, 1, 1)),
        new(1, 2, 1, 3000, 3, new(1), new(9, 1, 4)),
        new(2, 2, 20, 20, 3, new(17, 1, 8), new(19, 2, 3)),                 // a window larger than any tile
        new(0, 2, 5, 5, 3, new(3), new(3)),
        ConvolutionTests.Volume(2, 3, 4, 5, 6, 4, new(2), new(3), new(3)),
        ConvolutionTests.Volume(1, 5, 9, 17, 19, 7, new(3, 2, 1), new(3, 2, 1), new(3, 1, 1)),                 // a stride: four phases
        ConvolutionTests.Volume(2, 4, 7, 11, 13, 6, new(2, 3, 2, 3), new(2, 1, 0, 2), new(3, 4, 1, 2), 2),
        ConvolutionTests.Volume(1, 3, 7, 9, 8, 5, new(3, 4, 4, 6), new(3, 2, 1), new(3, 6, 3, 4)),
        ConvolutionTests.Volume(2, 6, 5, 9, 20, 6, new(3, 1, 1), new(3, 1, 1), new(3, 1, 1), 6),               // depthwise
        ConvolutionTests.Volume(2, 3, 8, 6, 7, 6, new(3, 2, 1), new(2, 2), new(3, 1, 2), 3),
        ConvolutionTests.Volume(2, 2, 9, 3, 3, 4, new(3, 3, 2, 2), new(2), new(3), 2),
        ConvolutionTests.Volume(1, 60, 5, 4, 5, 8, new(3, 1, 1), new(3, 1, 1), new(3, 1, 1)),                  // K is cut into parts
        ConvolutionTests.Volume(1, 1, 50, 12, 12, 2, new(5, 4), new(3), new(3)),
        ConvolutionTests.Volume(2, 5, 3, 4, 7, 6, new(1), new(1), new(1)),                                     // pointwise
        ConvolutionTests.Volume(2, 3, 9, 4, 5, 4, new(3, 2, 1), new(1), new(1)),                               // along the depth
        ConvolutionTests.Volume(1, 2, 1, 4, 5, 3, new(3, 1, 1), new(2), new(2)),                               // one plane and its border
        ConvolutionTests.Volume(0, 2, 3, 5, 5, 3, new(3), new(3), new(3)),
    ];

    private static IEnumerable<TestCaseData> Cases => _cases.Select(c => new TestCaseData(c).SetArgDisplayNames(Describe(c)));

    [TestCaseSource(nameof(Cases))]
    public void Every_way_agrees_with_the_processor(Case c)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (DType dtype in Types(gpu)) Check(gpu, c, dtype);
    }

    /// <summary>Filters, pixels and terms one below, at and one above a tile, and several tiles.</summary>
    [Test]
    public void Sizes_around_the_tiles_agree_with_the_processor([Values] bool backward)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (DType dtype in Types(gpu))
        {
            GemmTiles tiles = GpuImplicitProduct.Tiles(gpu, dtype);
            int m = tiles.M, n = tiles.N, k = tiles.K;
            (int Rows, int Pixels, int Planes)[] sizes =
            [
                (m - 1, n, k), (m, n, k), (m + 1, n, k), (2 * m + 1, n, k),
                (m, n - 1, k), (m, n + 1, k), (m, 3 * n + 1, k),
                (m, n, k - 1), (m, n, k + 1), (m, n, 5 * k + 1),
                (m / 2, n + 1, k + 1), (m / 2 + 1, n + 1, k + 1), (15, n + 1, 2 * k), (16, 2 * n, 2 * k - 1), (17, n - 1, 2 * k + 1), (1, n, k),
            ];
            foreach ((int rows, int pixels, int planes) in sizes)
            {
                // Pointwise: K is the channels forward, the filters backward. One image, and pixels that run on into a second one.
                (int filters, int channels) = backward ? (planes, rows) : (rows, planes);
                Check(gpu, new(1, channels, 1, pixels, filters, new(1), new(1)), dtype);
                Check(gpu, new(2, channels, 1, pixels / 2 + 1, filters, new(1), new(1)), dtype);
            }

            // Three elements of the filter per channel; and groups whose sizes are no multiples of tiles.
            foreach (int channels in (int[])[k / 3, k / 3 + 1, 2 * k / 3]) Check(gpu, new(1, channels, 2, n / 2, m, new(1), new(3, 1, 1)), dtype);
            Check(gpu, new(2, 3 * (k + 1), 3, n / 3 + 1, 3 * (m / 2 + 1), new(2, 1, 1), new(3, 1, 1), 3), dtype);
        }
    }

    [Test]
    public void The_tiles_of_other_devices_agree_with_the_processor()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        TuningTable own = gpu.Tuning;
        try
        {
            foreach (GemmTiles tiles in (GemmTiles[])[new(128, 128, 16, 8, 8), new(64, 64, 16, 4, 4)])
            {
                gpu.Tuning = own with { Gemm = tiles, GemmRun = 16, GemmUnrolled = false, BusyGroups = 100 };
                foreach (int rows in (int[])[130, 60, 30, 10])
                {
                    Check(gpu, new(2, 9, 9, 10, rows, new(3, 1, 1), new(3, 2, 1)), DType.Float32, ConvolutionWay.Implicit);
                    Check(gpu, new(3, rows, 9, 10, 9, new(3, 2, 1), new(3, 1, 1)), DType.Float32, ConvolutionWay.Implicit);
                    Check(gpu, ConvolutionTests.Volume(1, rows, 3, 5, 6, 9, new(3, 2, 1), new(2), new(3, 1, 1)), DType.Float32, ConvolutionWay.Implicit);
                }
            }
        }
        finally
        {
            gpu.Tuning = own;
        }
    }

    [Test]
    public void Random_convolutions_agree_with_the_processor()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Random random = new(7);
        for (int i = 0; i < 40; i++)
        {
            int groups = random.Next(1, 4);
            Window vertical = NewWindow(), horizontal = NewWindow();
            Case c = new(random.Next(1, 4), random.Next(1, 7) * groups, (int)Math.Max(random.Next(1, 24), vertical.Extent), (int)Math.Max(random.Next(1, 50), horizontal.Extent),
                random.Next(1, 10) * groups, vertical, horizontal, groups);
            Check(gpu, c, Types(gpu).Last());
            Window depth = NewWindow();
            Check(gpu, c with { H = (int)Math.Max(c.H / 3, vertical.Extent), W = (int)Math.Max(c.W / 5, horizontal.Extent), D = (int)Math.Max(random.Next(1, 9), depth.Extent), Depth = depth }, Types(gpu).Last());
        }

        Window NewWindow() => new(random.Next(1, 6), random.Next(1, 5), random.Next(0, 5), random.Next(1, 4));
    }

    [Test]
    public void Columns_of_many_images_are_made_in_slices()
    {
        // 5 images of 600 columns' rows by 60 x 60 pixels: 8.6 MB each in single precision, three to a slice.
        GpuAccelerator gpu = GpuDevices.Require(device);
        Case c = new(5, 24, 60, 60, 9, new(5, 1, 2), new(5, 1, 2));
        Assert.That(5L * 600 * 3600 * 4, Is.GreaterThan(GpuColumnProduct.ColumnBytes));
        Check(gpu, c, DType.Float32, ConvolutionWay.Columns);
    }

    [Test]
    public void The_same_convolution_gives_the_same_bits()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Case c = new(3, 6, 40, 41, 6, new(3, 1, 1), new(3, 2, 1), 6);
        using TensorScope scope = new();
        Operands on = new(c, DType.Float32, gpu);
        foreach (ConvolutionWay way in _ways)
        {
            float[][] first = [.. on.Run(gpu, way).Select(t => t.ToArray<float>())], second = [.. on.Run(gpu, way).Select(t => t.ToArray<float>())];
            Assert.That(second, Is.EqualTo(first), $"{way}");
        }
    }

    [Test]
    public void A_NaN_reaches_what_its_window_reads_and_nothing_else()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        float[] image = new float[25];
        image[6] = float.NaN;                                               // row 1, column 1
        Convolution2D op = new(new(2), new(2));
        ConvolutionShape p = new(op, op, [1, 1, 5, 5], 1);
        Tensor x = Tensor.From(image, [1, 1, 5, 5], gpu), weight = Tensor.Ones([1, 1, 2, 2], accelerator: gpu);
        foreach (ConvolutionWay way in _ways)
        {
            Tensor result = Tensor.Empty(p.Output, accelerator: gpu);
            GpuConvolution.Forward(gpu, p, way, x, weight, null, result);
            float[] y = result.ToArray<float>();
            Assert.That(Enumerable.Range(0, 16).Where(i => float.IsNaN(y[i])), Is.EqualTo(new[] { 0, 1, 4, 5 }), $"{way}");
            Assert.That(y.Where(v => !float.IsNaN(v)), Has.All.EqualTo(0), $"{way}");
        }
    }

    [Test]
    public void A_NaN_that_no_window_reads_spoils_no_gradient([Values(1, 4)] int filters)
    {
        // 6 columns under a window of 2 by steps of 4: columns 2 and 3 are read by nobody.
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        float[] image = new float[2 * 6];
        image[2] = float.NaN;
        image[8] = float.PositiveInfinity;
        Convolution2D op = new(new(2), new(2, 4));
        ConvolutionShape p = new(op, op, [1, 1, 2, 6], filters);
        Tensor x = Tensor.From(image, [1, 1, 2, 6], gpu), g = Tensor.Ones(p.Output, accelerator: gpu), weight = Tensor.Ones(p.Weight, accelerator: gpu);
        foreach (ConvolutionWay way in _ways)
        {
            Tensor dx = Tensor.Empty([1, 1, 2, 6], accelerator: gpu), dw = Tensor.Empty(p.Weight, accelerator: gpu);
            GpuConvolution.InputGradient(gpu, p, way, g, weight, dx);
            GpuConvolution.WeightGradient(gpu, p, way, x, g, dw);
            Assert.That(dw.ToArray<float>(), Has.All.EqualTo(0), $"{way}");
            Assert.That(dx.ToArray<float>(), Is.EqualTo(new float[] { filters, filters, 0, 0, filters, filters, filters, filters, 0, 0, filters, filters }), $"{way}");
        }
    }

    [Test]
    public void The_op_itself_chooses_a_way_that_agrees([ValueSource(nameof(_models))] Case c)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Operands host = new(c, DType.Float32, CpuAccelerator.Instance), on = new(c, DType.Float32, gpu);
        ConvolutionInputGradient inputGradient = new(c.Op, c.Input);
        ConvolutionWeightGradient weightGradient = new(c.Op);
        Compare(c.Op.Execute(on.X, on.Weight, on.Bias), c.Op.Execute(host.X, host.Weight, host.Bias), 1e-5, "y");
        Compare(c.Op.Execute(on.X, on.Weight), c.Op.Execute(host.X, host.Weight), 1e-5, "y without bias");
        Compare(inputGradient.Execute(on.G, on.Weight), inputGradient.Execute(host.G, host.Weight), 1e-5, "dx");
        Compare(weightGradient.Execute(on.X, on.G), weightGradient.Execute(host.X, host.G), 1e-5, "dw");
    }

    /// <summary>Layers of known models; every rule of the choice applies to one of them.</summary>
    private static readonly Case[] _models =
    [
        new(8, 1, 28, 28, 6, new(5, 1, 2), new(5, 1, 2)),                   // LeNet
        new(8, 6, 14, 14, 16, new(5), new(5)),
        new(2, 3, 32, 32, 64, new(3, 1, 1), new(3, 1, 1)),                  // ResNet
        new(1, 64, 16, 16, 64, new(3, 2, 1), new(3, 2, 1)),
        new(1, 64, 16, 16, 128, new(1, 2), new(1, 2)),
        new(2, 32, 14, 14, 32, new(3, 2, 1), new(3, 2, 1), 32),             // MobileNet
        new(2, 32, 16, 16, 48, new(1), new(1)),
        new(4, 48, 1, 1, 20, new(1), new(1)),
    ];

    private static IEnumerable<DType> Types(GpuAccelerator gpu) => gpu.Traits.HasDouble ? [DType.Float32, DType.Float64] : [DType.Float32];

    private static string Describe(Case c) => $"{c.Input} by {c.Weight}, {(c.IsVolume ? $"{Show(c.Depth)}, " : "")}{Show(c.Vertical)}, {Show(c.Horizontal)}, {c.Groups} groups";

    private static string Show(Window w) => $"{w.Size} stride {w.Stride} padding {w.Padding} dilation {w.Dilation}";

    private static void Check(GpuAccelerator gpu, Case c, DType dtype)
    {
        // Volumes have no columns in memory, unless they are images after all.
        List<ConvolutionWay> ways = [ConvolutionWay.Implicit];
        if (!new ConvolutionShape(c.Op, c.Op, c.Input, c.K).IsVolume) ways.Add(ConvolutionWay.Columns);
        if (c.Groups == c.C) ways.Add(ConvolutionWay.Direct);
        Check(gpu, c, dtype, [.. ways]);
    }

    private static void Check(GpuAccelerator gpu, Case c, DType dtype, params ConvolutionWay[] ways)
    {
        using TensorScope scope = new();
        Operands exact = new(c, DType.Float64, CpuAccelerator.Instance), on = new(c, dtype, gpu);
        Tensor[] expected = [c.Op.Execute(exact.X, exact.Weight, exact.Bias), new ConvolutionInputGradient(c.Op, c.Input).Execute(exact.G, exact.Weight), new ConvolutionWeightGradient(c.Op).Execute(exact.X, exact.G)];
        string[] names = ["y", "dx", "dw"];
        foreach (ConvolutionWay way in ways)
        {
            Tensor[] actual = on.Run(gpu, way);
            for (int i = 0; i < actual.Length; i++) Compare(actual[i], expected[i], ParityReport.Tolerance(dtype), $"{names[i]} by {way}, {dtype}, {Describe(c)}");
        }
    }

    private static void Compare(Tensor actual, Tensor expected, double tolerance, string what)
        => Values.AssertClose(HostValues.Of(actual), HostValues.Of(expected), tolerance, what);

    /// <summary>Random operands: the same numbers in every precision and place.</summary>
    private sealed class Operands
    {
        private readonly ConvolutionShape _shape;

        public Operands(Case c, DType dtype, Accelerator accelerator)
        {
            _shape = new(c.Op, c.Op, c.Input, c.K);
            (X, Weight, Bias, G) = (Make(c.Input, 1), Make(c.Weight, 2), Make([c.K], 3), Make(c.Output, 4));

            Tensor Make(Shape shape, int seed)
            {
                Random random = new(seed);
                float[] values = new float[shape.Count];
                for (int i = 0; i < values.Length; i++) values[i] = random.NextSingle() * 2 - 1;
                return dtype == DType.Float32 ? Tensor.From(values, shape, accelerator) : Tensor.From(Array.ConvertAll(values, v => (double)v), shape, accelerator);
            }
        }

        public Tensor X { get; }

        public Tensor Weight { get; }

        public Tensor Bias { get; }

        public Tensor G { get; }

        /// <summary>y, dx and dw, computed into memory that held NaN.</summary>
        public Tensor[] Run(GpuAccelerator gpu, ConvolutionWay way)
        {
            Tensor[] results = [.. ((Shape[])[G.Shape, X.Shape, Weight.Shape]).Select(shape => Tensor.Full(shape, double.NaN, X.DType, gpu))];
            GpuConvolution.Forward(gpu, _shape, way, X, Weight, Bias, results[0]);
            GpuConvolution.InputGradient(gpu, _shape, way, G, Weight, results[1]);
            GpuConvolution.WeightGradient(gpu, _shape, way, X, G, results[2]);
            return results;
        }
    }
}
