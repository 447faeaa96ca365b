using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class AttentionFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["attention", "attention"])]
    public void Multi_head_attention_agrees_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(
            dtype => new MultiHeadAttention(6, fixture.Integer("heads"), bias: fixture.Flag("bias", true), keyFeatures: fixture.Integer("keys", 6), valueFeatures: fixture.Integer("values", 6), dtype: dtype),
            (layer, x) => [layer.Forward((fixture.Knows("keys"), x.Length) switch
            {
                (true, _) => new(x[0], x[1], x[2]),
                (_, 3) => new(x[0], x[0], x[0]) { KeyMask = x[1], Mask = x[2] },
                _ => new(x[0], x[0], x[0]) { Causal = fixture.Flag("causal") },
            })]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["attention", "encoder"])]
    public void Encoder_layers_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new TransformerEncoderLayer(6, fixture.Integer("heads"), fixture.Integer("hidden"), 0, Activation(fixture), fixture.Flag("norm_first"), dtype: dtype),
            (layer, x) => [layer.Forward(new(x[0]) { KeyMask = x[1] })]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["attention", "decoder"])]
    public void Decoder_layers_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new TransformerDecoderLayer(6, fixture.Integer("heads"), fixture.Integer("hidden"), 0, Activation(fixture), fixture.Flag("norm_first"), dtype: dtype),
            (layer, x) => [layer.Forward(new(x[0], x[1]))]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["attention", "stacked encoders"])]
    public void Encoders_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new TransformerEncoder(2, 6, 2, 5, 0, normFirst: true, dtype: dtype), (layer, x) => [layer.Forward(x[0])]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["attention", "stacked decoders"])]
    public void Decoders_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new TransformerDecoder(2, 6, 2, 5, 0, normFirst: true, dtype: dtype), (layer, x) => [layer.Forward(new(x[0], x[1]))]);

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["attention", "sinusoidal"])]
    public void Sinusoidal_positions_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(_ => new SinusoidalPositions(fixture.Integer("features")));

    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["attention", "learnt"])]
    public void Learnt_positions_agree_with_an_independent_implementation(Fixture fixture)
        => fixture.Check(dtype => new LearntPositions(fixture.Integer("length"), 6, dtype));

    private static TransformerActivation Activation(Fixture fixture) => fixture.Text("activation") == "gelu" ? TransformerActivation.GELU : TransformerActivation.ReLU;
}
