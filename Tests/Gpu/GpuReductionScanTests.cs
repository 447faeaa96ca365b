using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Running sums and products on each GPU against the CPU.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuReductionScanTests(string device) : GpuFixture(device)
{
    private static readonly long[] _lengths = [1, 2, 63, 64, 65, 255, 256, 257, 258, 1000, 1025, 4097];

    [Test]
    public void Running_sums_agree_for_every_length([ValueSource(nameof(_lengths))] long n, [Values] bool reversed)
    {
        GpuParity.Check(Gpu, new OpSample(new CumulativeSum(1, reversed), [new([3, n], -1, 3)]));
        GpuParity.Check(Gpu, new OpSample(new CumulativeSum(0, reversed), [new([n, 5], -1, 3)]));
        GpuParity.Check(Gpu, new OpSample(new CumulativeSum(1, reversed), [new([2, n, 70], -1, 3)]));
    }

    [Test]
    public void Long_lines_are_cut_into_parts_and_still_agree([Values("70000", "1000000", "2x70000", "70000x3", "2000x700")] string size, [Values] bool reversed)
    {
        Shape shape = size.Split('x').Select(long.Parse).ToArray();
        for (int axis = 0; axis < shape.Rank; axis++) GpuParity.Check(Gpu, new OpSample(new CumulativeSum(axis, reversed), [new(shape, 0, 1)]), gradients: shape.Count < 200_000);
    }

    [Test]
    public void Whole_numbers_and_truth_values_are_summed_in_64_bits([Values(DType.Int64, DType.Int32, DType.UInt8, DType.Bool)] DType type)
    {
        foreach (long n in (long[])[5, 300, 70_000])
            GpuParity.Check(Gpu, new CumulativeSum(1, false), [new Operand([2, n], 0, type == DType.Bool ? 2 : 200) { Type = type }.Make(DType.Float32, new Generator(1))], $"of {n} {type}");
    }

    [Test]
    public void Special_values_run_on([Values(10, 300, 5000)] int n) => GpuParity.Check(Gpu, new CumulativeSum(1, false), [GpuReductionTests.SpecialRows(n)], $"{n}");

    [Test]
    public void Nothing_and_views_agree()
    {
        GpuParity.Check(Gpu, new CumulativeSum(1, false), [Tensor.Zeros([3, 0])], "of nothing");
        GpuParity.Check(Gpu, new CumulativeSum(0, true), [new Operand([9, 4]).Make(DType.Float32, new Generator(1))], "backwards", t => new Slice(0, 8, 5, -2).Execute(t));
        GpuParity.Check(Gpu, new CumulativeSum(0, false), [new Operand([1, 4]).Make(DType.Float32, new Generator(1))], "expanded", t => new Expand([300, 4]).Execute(t));
        GpuParity.Check(Gpu, new ProductOfOthers(), [Tensor.Zeros([3, 0])], "of nothing");
    }

    [Test]
    public void Products_of_the_others_agree_for_every_length([Values(1, 2, 63, 64, 65, 256, 257, 1000, 5000)] long n)
    {
        Operand x = new([3, n], 0.99, 1.01);
        GpuParity.Check(Gpu, new OpSample(new ProductOfOthers(), [x]), gradients: true);
        GpuParity.Check(Gpu, new OpSample(new ProductOfOthersTangent(), [x, new([3, n])]));
    }

    [Test]
    public void Products_of_the_others_are_right_beside_zeros([Values(3, 100, 3000)] int n, [Values(0, 1, 2)] int zeros)
    {
        // Halves, doubles and small whole numbers: every product is exact, in any order.
        double[] values = [.. Enumerable.Range(0, n).Select(i => i % 2 == 0 ? 2.0 : 0.5)], direction = [.. Enumerable.Range(0, n).Select(i => 1.0 + i % 4)];
        for (int i = 0; i < zeros; i++) values[i == 0 ? n / 2 : n - 1] = 0;
        GpuParity.Check(Gpu, new OpSample(new ProductOfOthers(), [new([n]) { Values = values }]));
        GpuParity.Check(Gpu, new OpSample(new ProductOfOthersTangent(), [new([n]) { Values = values }, new([n]) { Values = direction }]));
    }
}
