using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>Batch normalisation on each GPU against the CPU: one element per channel and sample, or many; channels that one group does, and channels that are cut.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuNormalizationTests(string device) : GpuFixture(device)
{
    private static readonly string[] _sizes =
    [
        "2x1", "2x3", "8x7", "9x8", "33x31", "64x65", "257x33", "1000x5", "70000x3", "20000x16", "3x2x1", "3x2x9", "2x5x63", "2x5x64", "2x5x65", "4x3x16x17", "2x300x5", "3x2x70x70", "4x1x70000",
    ];

    [Test]
    public void Training_agrees([ValueSource(nameof(_sizes))] string size)
    {
        (Operand x, Operand scale, Operand shift) = Operands(size);
        foreach (OpSample sample in (OpSample[])[new(new BatchNorm(1e-5), [x, scale, shift]), new(new BatchNorm(0.1), [x])])
        {
            GpuParity.Check(Gpu, sample);

            // The gradient of the scale is a small remainder of a large sum. Where a channel has many samples, the processor's columns lose digits of it in single
            // precision (2e-4 of the largest with 70,000 samples, against 5e-6 here, both by double precision), so double precision is the judge there.
            foreach (DType dtype in GpuParity.Types(Gpu))
                if (dtype == DType.Float64 || x.Shape.Count < 50_000) GpuParity.Check(Gpu, sample, dtype, gradients: true);
        }
    }

    [Test]
    public void Gradients_agree([ValueSource(nameof(_sizes))] string size)
    {
        (Operand x, Operand scale, Operand channel) = Operands(size);
        GpuParity.Check(Gpu, new OpSample(new BatchNormGradient(), [x with { Low = -2 }, x, channel, scale, scale]));
        GpuParity.Check(Gpu, new OpSample(new BatchNormGradient(), [x with { Low = -2 }, x, channel, scale]));
    }

    [Test]
    public void Inference_agrees([ValueSource(nameof(_sizes))] string size)
    {
        (Operand x, Operand scale, Operand channel) = Operands(size);
        GpuParity.Check(Gpu, new OpSample(new BatchNormInference(1e-5), [x, channel, scale, scale, channel]));
        GpuParity.Check(Gpu, new OpSample(new BatchNormInference(1e-5), [x, channel, scale]));
    }

    [Test]
    public void A_large_mean_costs_no_accuracy([Values("64x3", "3x2x5000", "50000x3")] string size)
        => GpuParity.Check(Gpu, new OpSample(new Reduce<Variance>([0], false), [new(Parse(size), 1000, 1001)]));

    [Test]
    public void Special_values_spoil_their_channel_only()
    {
        Tensor x = GpuReductionTests.SpecialRows(9);
        GpuParity.Check(Gpu, new BatchNorm(1e-5), [x], "columns");
        GpuParity.Check(Gpu, new BatchNorm(1e-5), [new Unsqueeze(0).Execute(x)], "rows");
    }

    [Test]
    public void Nothing_and_views_agree()
    {
        Tensor channel = Tensor.Ones([3]);
        GpuParity.Check(Gpu, new BatchNormInference(1e-5), [Tensor.Zeros([0, 3]), channel, channel], "of nothing");
        GpuParity.Check(Gpu, new BatchNormGradient(), [Tensor.Zeros([0, 3, 2]), Tensor.Zeros([0, 3, 2]), channel, channel], "of nothing");
        Tensor x = new Operand([6, 8, 10]).Make(DType.Float32, new Generator(1));
        GpuParity.Check(Gpu, new BatchNorm(1e-5), [x], "permuted and backwards", t => new Permute([2, 0, 1]).Execute(new Slice(1, 7, 8, -1).Execute(t)));
    }

    private static Shape Parse(string size) => size.Split('x').Select(long.Parse).ToArray();

    private static (Operand X, Operand Scale, Operand Channel) Operands(string size)
    {
        Shape shape = Parse(size);
        return (new(shape, -1, 3), new([shape[1]], 0.5, 1.5), new([shape[1]]));
    }
}
