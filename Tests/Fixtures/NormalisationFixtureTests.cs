using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class NormalisationFixtureTests
{
    private static IEnumerable<TestCaseData> Cases => Fixture.Cases("normalisation");

    [TestCaseSource(nameof(Cases))]
    public void Normalisation_agrees_with_an_independent_implementation(Fixture fixture)
    {
        string kind = fixture.Name.Split(' ')[0];
        if (kind == "RMSNorm") fixture.Check(x => [x[0].RmsNorm(x[1])]);
        else if (kind == "AdaptiveGroupNorm") fixture.Check(x => [Adaptive(x)]);
        else fixture.Check(dtype => Make(kind, fixture, dtype));
    }

    private static Module<Tensor, Tensor> Make(string kind, Fixture fixture, DType dtype)
    {
        bool affine = fixture.Flag("affine", kind[0] is 'L' or 'G'), track = fixture.Flag("track");
        Module<Tensor, Tensor> layer = kind switch
        {
            "LayerNorm" => new LayerNorm([.. fixture.Integers("shape").Select(n => (long)n)], fixture.Number("epsilon", 1e-5), affine, dtype: dtype),
            "GroupNorm" => new GroupNorm(fixture.Integer("groups"), fixture.Integer("channels"), affine: affine, dtype: dtype),
            "InstanceNorm1D" => new InstanceNorm1D(fixture.Integer("channels"), affine: affine, trackRunningStatistics: track, dtype: dtype),
            "InstanceNorm2D" => new InstanceNorm2D(fixture.Integer("channels"), affine: affine, trackRunningStatistics: track, dtype: dtype),
            "InstanceNorm3D" => new InstanceNorm3D(fixture.Integer("channels"), affine: affine, trackRunningStatistics: track, dtype: dtype),
            "BatchNorm1D" => new BatchNorm1D(fixture.Integer("channels"), dtype: dtype),
            "BatchNorm2D" => new BatchNorm2D(fixture.Integer("channels"), dtype: dtype),
            _ => new BatchNorm3D(fixture.Integer("channels"), dtype: dtype),
        };
        if (fixture.Flag("eval")) layer.Eval();
        return layer;
    }

    /// <summary>The layer with given weights: the gradients of its projection's parameters are inputs' here.</summary>
    private static Tensor Adaptive(Tensor[] x)
    {
        Tensor both = x[1].MatMul(x[2].Transpose(), x[3]);
        Tensor expected = x[0].GroupNorm(2, both.Slice(1, 0, 6) + 1, both.Slice(1, 6, 6));
        using AdaptiveGroupNorm layer = new(2, 6, 5, dtype: x[0].DType);
        layer.LoadState(new Dictionary<string, Tensor> { ["projection.weight"] = x[2].Detach(), ["projection.bias"] = x[3].Detach() });
        using (Tape.NoRecord())
            Assert.That(layer.Forward(x[0].Detach(), x[1].Detach()).Cast(DType.Float64).ToArray<double>(), Is.EqualTo(expected.Detach().Cast(DType.Float64).ToArray<double>()).Within(1e-12));
        return expected;
    }
}
