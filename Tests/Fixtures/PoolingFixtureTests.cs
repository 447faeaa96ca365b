using Gradwright.Kernels;
using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class PoolingFixtureTests
{
    private static IEnumerable<TestCaseData> Windows => [.. Fixture.Cases("pooling", "MaxPool"), .. Fixture.Cases("pooling", "AvgPool")];

    [TestCaseSource(nameof(Windows))]
    public void Poolings_agree_with_an_independent_implementation(Fixture fixture)
    {
        int[] size = fixture.Integers("size"), stride = fixture.Integers("stride"), padding = fixture.Integers("padding"), dilation = fixture.Integers("dilation");
        bool ceil = fixture.Flag("ceil"), counts = fixture.Flag("counts");
        fixture.Check(x => fixture.Name switch
        {
            "MaxPool1DWithIndices" => Both(x[0].MaxPool1DWithIndices(size[0], stride[0], padding[0])),
            "MaxPool2DWithIndices" => Both(x[0].MaxPool2DWithIndices(Two(size), Two(stride), Two(padding))),
            "MaxPool3DWithIndices" => Both(x[0].MaxPool3DWithIndices(Three(size), Three(stride), Three(padding))),
            ['M', ..] when size.Length == 1 => [x[0].MaxPool1D(size[0], stride[0], padding[0], dilation[0], ceil)],
            ['M', ..] when size.Length == 2 => [x[0].MaxPool2D(Two(size), Two(stride), Two(padding), Two(dilation), ceil)],
            ['M', ..] => [x[0].MaxPool3D(Three(size), Three(stride), Three(padding), Three(dilation), ceil)],
            _ when size.Length == 1 => [x[0].AveragePool1D(size[0], stride[0], padding[0], ceil, counts)],
            _ when size.Length == 2 => [x[0].AveragePool2D(Two(size), Two(stride), Two(padding), ceil, counts)],
            _ => [x[0].AveragePool3D(Three(size), Three(stride), Three(padding), ceil, counts)],
        });
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["pooling", "Adaptive"])]
    public void Adaptive_poolings_agree_with_an_independent_implementation(Fixture fixture)
    {
        int[] size = fixture.Integers("size");
        bool max = fixture.Name.StartsWith("AdaptiveMax", StringComparison.Ordinal);
        fixture.Check(x => size.Length switch
        {
            1 => [max ? x[0].AdaptiveMaxPool1D(size[0]) : x[0].AdaptiveAveragePool1D(size[0])],
            2 => [max ? x[0].AdaptiveMaxPool2D(Two(size)) : x[0].AdaptiveAveragePool2D(Two(size))],
            _ => [max ? x[0].AdaptiveMaxPool3D(Three(size)) : x[0].AdaptiveAveragePool3D(Three(size))],
        });
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["pooling", "Global"])]
    public void Global_poolings_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(_ => fixture.Name switch
        {
            "GlobalAveragePool1D" => new GlobalAveragePool1D(),
            "GlobalAveragePool2D" => new GlobalAveragePool2D(),
            "GlobalAveragePool3D" => new GlobalAveragePool3D(),
            "GlobalMaxPool1D" => new GlobalMaxPool1D(),
            "GlobalMaxPool2D" => new GlobalMaxPool2D(),
            _ => (Module<Tensor, Tensor>)new GlobalMaxPool3D(),
        });

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["pooling", "MaxUnpool"])]
    public void Unpoolings_agree_with_an_independent_implementation(Fixture fixture)
    {
        int[] size = fixture.Integers("size");
        fixture.Check(x => size.Length switch
        {
            1 => [x[0].MaxUnpool1D(x[1], size[0])],
            2 => [x[0].MaxUnpool2D(x[1], Two(size))],
            _ => [x[0].MaxUnpool3D(x[1], Three(size))],
        });
    }

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["pooling", "Fractional"])]
    public void Fractional_poolings_agree_with_an_independent_implementation(Fixture fixture)
    {
        int[] size = fixture.Integers("size"), output = fixture.Integers("output");
        MaxRegions op = new([AxisMap.RandomRegions(size[0], output[0]), AxisMap.RandomRegions(size[1], output[1])]);
        fixture.Check(x => [Tape.Apply(op, x[0], x[1])]);
    }

    private static Tensor[] Both((Tensor Values, Tensor Indices) pair) => [pair.Values, pair.Indices];

    private static Size2 Two(int[] n) => (n[0], n[1]);

    private static Size3 Three(int[] n) => (n[0], n[1], n[2]);
}
