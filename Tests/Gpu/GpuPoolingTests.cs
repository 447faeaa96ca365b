using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;
using Case = Gradwright.Tests.PoolingTests.Case;

namespace Gradwright.Tests.Gpu;

/// <summary>Poolings and their gradients on a GPU against the CPU. Maxima and their positions have the processor's bits; sums agree to the last digits.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuPoolingTests(string device)
{
    private static readonly Case[] _cases =
    [
        new(2, 3, 8, 8, new(2, 2), new(2, 2)),
        new(3, 32, 28, 28, new(2, 2), new(2, 2)),
        new(2, 3, 7, 71, new(2, 2), new(2, 2)),
        new(2, 3, 7, 71, new(2, 2), new(2, 2), true),
        new(1, 2, 112, 112, new(3, 2, 1), new(3, 2, 1)),
        new(2, 2, 9, 20, new(3), new(4, 1, 2)),
        new(2, 2, 9, 20, new(3, 1, 1), new(4, 3, 2), true),
        new(1, 2, 17, 40, new(2, 5), new(3, 4)),                // elements that no window reads
        new(1, 2, 33, 30, new(17), new(17, 3, 8)),              // positions as Int32
        new(1, 1, 1, 1, new(1), new(1)),
        new(4, 6, 5, 7, new(5), new(7)),
        new(1, 1, 1, 63, new(1), new(1)),                       // around a group of work items
        new(1, 1, 1, 64, new(1), new(1)),
        new(1, 1, 1, 257, new(1), new(2, 1, 1)),
        new(0, 3, 8, 8, new(2, 2), new(2, 2)),
    ];

    private static readonly Case[] _dilated =
    [
        new(2, 2, 12, 15, new(3, 1, 2, 2), new(2, 3, 2, 4)),
        new(1, 3, 20, 20, new(3, 2, 2, 3), new(3, 4, 1, 2), true),
    ];

    private static IEnumerable<TestCaseData> Cases => Named(_cases);

    private static IEnumerable<TestCaseData> MaxCases => Named([.. _cases, .. _dilated]);

    [TestCaseSource(nameof(MaxCases))]
    public void Maxima_and_positions_have_the_processors_bits_and_gradients_agree(Case c)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (DType dtype in Types(gpu))
        {
            using TensorScope scope = new();
            MaxPool2D op = new(c.Vertical, c.Horizontal, c.Ceil);
            Tensor x = Make(c.Input, dtype, 1, steps: 8), g = Make(c.Output, dtype, 2);             // many equal numbers
            Tensor?[] expected = new Tensor?[2], actual = new Tensor?[2];
            op.Execute([x], expected, keep: true);
            op.Execute([x.To(gpu)], actual, keep: true);
            AssertBits(actual[0]!, expected[0]!, "maxima");
            AssertBits(actual[1]!, expected[1]!, "positions");
            AssertBits(op.Execute(x.To(gpu)), expected[0]!, "maxima without positions");
            MaxPool2DInputGradient gradient = new(op, c.Input);
            Tensor dx = gradient.Execute(g.To(gpu), actual[1]!), dxExpected = gradient.Execute(g, expected[1]!);
            if (c.Vertical.Stride >= c.Vertical.Extent && c.Horizontal.Stride >= c.Horizontal.Extent) AssertBits(dx, dxExpected, "gradient");       // nothing to add up
            else Values.AssertClose(HostValues.Of(dx), HostValues.Of(dxExpected), Tolerance(dtype), "gradient");
            MaxPool2DPick pick = new(op);
            Tensor other = Make(c.Input, dtype, 3);
            AssertBits(pick.Execute(other.To(gpu), actual[1]!), pick.Execute(other, expected[1]!), "picked elements");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Means_and_their_gradients_agree_with_the_processor(Case c)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (DType dtype in Types(gpu))
        {
            foreach (bool countsPadding in (bool[])[true, false])
            {
                using TensorScope scope = new();
                AveragePool2D op = new(c.Vertical, c.Horizontal, c.Ceil, countsPadding);
                AveragePool2DInputGradient gradient = new(op, c.Input);
                Tensor x = Make(c.Input, dtype, 1), g = Make(c.Output, dtype, 2);
                Values.AssertClose(HostValues.Of(op.Execute(x.To(gpu))), HostValues.Of(op.Execute(x)), Tolerance(dtype), $"means, {dtype}, border counts: {countsPadding}");
                Values.AssertClose(HostValues.Of(gradient.Execute(g.To(gpu))), HostValues.Of(gradient.Execute(g)), Tolerance(dtype), $"gradient, {dtype}, border counts: {countsPadding}");
            }
        }
    }

    [Test]
    public void NaN_counts_as_largest_and_the_last_NaN_is_kept([Range(0, 3)] int position)
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        float[] values = [1, 2, 3, 4, float.PositiveInfinity, 7, float.NegativeInfinity, float.NegativeInfinity, 5, float.NaN, float.NaN, 8, 0, -1, 1, 2, -0f, 0f];
        Array.Resize(ref values, 24);
        values[position / 2 * 12 + position % 2] = float.NaN;
        Tensor x = Tensor.From(values, [1, 1, 2, 12]);
        MaxPool2D op = new(new(2, 2), new(2, 2));
        Tensor?[] expected = new Tensor?[2], actual = new Tensor?[2];
        op.Execute([x], expected, keep: true);
        op.Execute([x.To(gpu)], actual, keep: true);
        Assert.That(actual[0]!.ToArray<float>()[0], Is.NaN);
        Assert.That(actual[1]!.ToArray<byte>()[0], Is.EqualTo(position));
        AssertBits(actual[0]!, expected[0]!, "maxima");
        AssertBits(actual[1]!, expected[1]!, "positions");
    }

    [Test]
    public void A_window_of_nothing_but_minus_infinity_keeps_its_first_position()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor x = Tensor.Full([1, 1, 4, 4], double.NegativeInfinity);
        MaxPool2D op = new(new(3, 2, 1), new(3, 2, 1));
        Tensor?[] actual = new Tensor?[2];
        op.Execute([x.To(gpu)], actual, keep: true);
        Assert.That(actual[0]!.ToArray<float>(), Has.All.EqualTo(float.NegativeInfinity));
        Assert.That(actual[1]!.ToArray<byte>(), Has.All.EqualTo(0));
    }

    [Test]
    public void Positions_that_a_window_does_not_have_pick_its_first_element()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        MaxPool2D op = new(new(2, 2), new(2, 2));
        Tensor x = Make([1, 1, 4, 4], DType.Float32, 1), index = Tensor.From(new byte[] { 0, 3, 4, 255 }, [1, 1, 2, 2]);
        MaxPool2DPick pick = new(op);
        MaxPool2DInputGradient gradient = new(op, [1, 1, 4, 4]);
        Tensor g = Make([1, 1, 2, 2], DType.Float32, 2);
        AssertBits(pick.Execute(x.To(gpu), index.To(gpu)), pick.Execute(x, index), "picked elements");
        AssertBits(gradient.Execute(g.To(gpu), index.To(gpu)), gradient.Execute(g, index), "gradient");
    }

    private static IEnumerable<TestCaseData> Named(Case[] cases)
        => cases.Select(c => new TestCaseData(c).SetArgDisplayNames($"{c.Input} by {Show(c.Vertical)}, {Show(c.Horizontal)}{(c.Ceil ? ", ceiling" : "")}"));

    private static string Show(Window w) => $"{w.Size} stride {w.Stride} padding {w.Padding} dilation {w.Dilation}";

    private static IEnumerable<DType> Types(GpuAccelerator gpu) => gpu.Traits.HasDouble ? [DType.Float32, DType.Float64] : [DType.Float32];

    private static double Tolerance(DType dtype) => dtype == DType.Float64 ? 1e-15 : 1e-6;

    private static void AssertBits(Tensor actual, Tensor expected, string what)
    {
        Assert.That(actual.DType, Is.EqualTo(expected.DType), what);
        Assert.That(HostValues.Of(actual), Is.EqualTo(HostValues.Of(expected)), what);
    }

    /// <summary>Random numbers between -1 and 1: any, or one of so many steps.</summary>
    private static Tensor Make(Shape shape, DType dtype, int seed, int steps = 0)
    {
        Random random = new(seed);
        double[] values = new double[shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = steps == 0 ? random.NextDouble() * 2 - 1 : random.Next(-steps, steps + 1) / (double)steps;
        return dtype == DType.Float64 ? Tensor.From(values, shape) : Tensor.From(Array.ConvertAll(values, v => (float)v), shape);
    }
}
