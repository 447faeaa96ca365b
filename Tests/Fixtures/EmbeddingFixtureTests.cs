using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class EmbeddingFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["embedding", "plain"])]
    public void Embedding_agrees_with_an_independent_implementation(Fixture fixture) => fixture.Check(dtype => new Embedding(6, 5, dtype: dtype));

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["embedding", "padding"])]
    public void Padding_agrees_with_an_independent_implementation(Fixture fixture) => Check(fixture, dtype => new(6, 5, paddingIndex: 2, dtype: dtype));

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["embedding", "limited"])]
    public void A_limited_norm_agrees_with_an_independent_implementation(Fixture fixture) => Check(fixture, dtype => new(6, 5, maxNorm: 2, dtype: dtype));

    /// <summary>The table is an input of the case.</summary>
    private static void Check(Fixture fixture, Func<DType, Embedding> make)
    {
        foreach (DType dtype in (DType[])[DType.Float64, DType.Float32])
        {
            double tolerance = dtype == DType.Float64 ? 1e-10 : 1e-5;
            OrderedDictionary<string, Tensor> inputs = fixture.Tensors("inputs", dtype);
            using Embedding layer = make(dtype);
            layer.LoadState(new Dictionary<string, Tensor> { ["weight"] = inputs["weight"] });
            using Tape tape = new();
            Tensor y = layer.Forward(inputs["index"]);
            Tensor gradient = tape.Gradients((y * fixture.Tensors("upstream", dtype)["y0"]).Sum(), [layer.Weight])[0];
            Values.AssertClose(Doubles(y), fixture.Values("outputs", "y0"), tolerance, "y");
            Values.AssertClose(Doubles(gradient), fixture.Values("gradients", "weight"), tolerance, "gradient");
        }
    }

    private static double[] Doubles(Tensor x) => x.Detach().Cast(DType.Float64).ToArray<double>();
}
