using Gradwright.Checking;
using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>Facts of multi-head attention, transformers and positions.</summary>
[InTensorScope]
public sealed class AttentionLayerTests
{
    [Test]
    public void An_encoder_without_positions_is_equivariant_to_permutations()
    {
        using TransformerEncoder encoder = new(2, 12, 3, 16, dropout: 0, TransformerActivation.GELU, dtype: DType.Float64);
        Tensor x = Random([2, 9, 12], 1), order = Tensor.Permutation(9, new Generator(3));
        Close(encoder.Forward(x.IndexSelect(1, order)), encoder.Forward(x).IndexSelect(1, order));
        Tensor placed = new SinusoidalPositions(12).Forward(x);
        Assert.That(HostValues.Of(new SinusoidalPositions(12).Forward(x.IndexSelect(1, order)) - placed.IndexSelect(1, order)).Max(Math.Abs), Is.GreaterThan(0.1));
    }

    [Test]
    public void A_causal_encoder_does_not_see_the_future()
    {
        using TransformerEncoder encoder = new(2, 8, 2, 16, dropout: 0, dtype: DType.Float64);
        Tensor x = Random([1, 7, 8], 1);
        using Tape tape = new();
        tape.Watch(x);
        Tensor gradient = tape.Gradients(encoder.Forward(new(x) { Causal = true })[0, 3].Square().Sum(), [x])[0];
        Assert.That(gradient[0, 4..].ToArray<double>(), Is.All.Zero);
        Assert.That(gradient[0, ..4].ToArray<double>(), Has.None.Zero);
    }

    [Test]
    public void A_decoder_is_causal_unless_told_otherwise()
    {
        using TransformerDecoder decoder = new(1, 8, 2, 16, dropout: 0, dtype: DType.Float64);
        Tensor x = Random([1, 5, 8], 1), memory = Random([1, 3, 8], 2), changed = Tensor.Concat([x[.., ..4], x[.., 4..] + 1], 1);
        Close(decoder.Forward(new(changed, memory))[0, ..4], decoder.Forward(new(x, memory))[0, ..4]);
        Assert.That(HostValues.Of(decoder.Forward(new(changed, memory) { Causal = false })[0, 0] - decoder.Forward(new(x, memory) { Causal = false })[0, 0]).Max(Math.Abs), Is.GreaterThan(1e-6));
    }

    [Test]
    public void Padding_is_not_seen()
    {
        using MultiHeadAttention attention = new(8, 2, dtype: DType.Float64);
        Tensor x = Random([2, 6, 8], 1), real = Tensor.From(new[,] { { true, true, true, true, false, false }, { true, true, true, true, true, true } });
        Tensor y = attention.Forward(new(x, x, x) { KeyMask = real });
        Close(y[0, ..4], attention.Forward(x[..1, ..4])[0]);
        Close(y[1], attention.Forward(x[1..])[0]);
        Close(y, attention.Forward(new(x, x, x) { Mask = real.Unsqueeze(1).Unsqueeze(1) }));
        Close(attention.Forward(new(x, x, x) { KeyMask = real, Mask = Tensor.Ones([6, 6], DType.Bool) }), y);
    }

    [Test]
    public void Weights_sum_to_one_and_are_those_that_are_used()
    {
        using MultiHeadAttention attention = new(8, 2, dtype: DType.Float64);
        Tensor x = Random([2, 6, 8], 1), weights = attention.Weights(new(x, x, x) { Causal = true });
        Assert.That(weights.Shape, Is.EqualTo(Shape.Create(2, 2, 6, 6)));
        Assert.That(HostValues.Of(weights.Sum(-1)), Is.All.EqualTo(1).Within(1e-14));
        Tensor values = x.MatMul(attention.InProjWeight![16..].Transpose()).Reshape(2, 6, 2, 4).Transpose(1, 2);
        Close(attention.OutProj.Forward(weights.MatMul(values).Transpose(1, 2).Reshape(2, 6, 8)), attention.Forward(new(x, x, x) { Causal = true }));
    }

    [Test]
    public void Separate_operands_and_shared_ones_are_projected_alike()
    {
        using MultiHeadAttention attention = new(8, 2, dtype: DType.Float64);
        Tensor x = Random([2, 6, 8], 1);
        Close(attention.Forward(new(x, x.Copy(), x.Copy())), attention.Forward(x));
        Tensor shared = x.Copy();
        Close(attention.Forward(new(x, shared, shared)), attention.Forward(x));
        Close(attention.Forward(x[0]), attention.Forward(x)[0]);
    }

    [Test]
    public void Dropout_is_drawn_in_training_only()
    {
        using MultiHeadAttention attention = new(8, 2, dropout: 0.5, dtype: DType.Float64);
        Tensor x = Random([1, 6, 8], 1), first = attention.Forward(x), second = attention.Forward(x);
        Assert.That(HostValues.Of(first), Is.Not.EqualTo(HostValues.Of(second)));
        attention.Eval();
        Assert.That(HostValues.Of(attention.Forward(x)), Is.EqualTo(HostValues.Of(attention.Forward(x))));
    }

    [Test]
    public void A_dropout_that_is_watched_is_added_with_the_same_numbers()
    {
        using TransformerEncoderLayer layer = new(8, 2, hidden: 16, dropout: 0.5, dtype: DType.Float64);
        Tensor x = Random([2, 6, 8], 1);
        layer.Initialize(new Generator(1));
        double[] expected = HostValues.Of(layer.Forward(new(x)));
        layer.Initialize(new Generator(1));
        int seen = 0;
        foreach (Dropout dropout in layer.Children.Select(child => child.Module).OfType<Dropout>()) dropout.Forwarded += (_, _, _) => seen++;
        Assert.That(HostValues.Of(layer.Forward(new(x))), Is.EqualTo(expected));
        Assert.That(seen, Is.EqualTo(3));
    }

    [Test]
    public void Positions_follow_their_formula([Values(6, 7)] int features)
    {
        double[] actual = HostValues.Of(SinusoidalPositions.Encode(50, features, DType.Float64));
        for (int t = 0; t < 50; t++)
            for (int j = 0; j < features; j++)
            {
                double angle = t / Math.Pow(10000, (j - j % 2) / (double)features);
                Assert.That(actual[t * features + j], Is.EqualTo(j % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle)).Within(1e-13));
            }
    }

    [Test]
    public void State_names_are_those_of_PyTorch()
    {
        using MultiHeadAttention plain = new(4, 2), other = new(4, 2, keyFeatures: 3);
        using TransformerDecoder decoder = new(1, 4, 2, 3, normFirst: true);
        Assert.That(plain.StateDictionary().Keys, Is.EqualTo(new[] { "in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias" }));
        Assert.That(other.StateDictionary().Keys, Does.Contain("k_proj_weight"));
        Assert.That(decoder.StateDictionary().Keys, Is.SupersetOf(new[]
        {
            "layers.0.self_attn.in_proj_weight", "layers.0.multihead_attn.out_proj.bias", "layers.0.linear1.weight", "layers.0.norm3.bias", "norm.weight",
        }));
    }

    [Test]
    public void What_does_not_fit_is_refused()
    {
        using MultiHeadAttention attention = new(8, 2);
        using LearntPositions learnt = new(5, 8);
        Tensor x = Tensor.Zeros([2, 6, 8]);
        Assert.That(() => new MultiHeadAttention(8, 3), Throws.ArgumentException.With.Message.Contains("shared evenly by 3 heads"));
        Assert.That(() => new MultiHeadAttention(8, 2, dropout: 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TransformerEncoder([]), Throws.ArgumentException);
        Assert.That(() => new TransformerEncoderLayer(8, 2, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => attention.Forward(Tensor.Zeros([2, 6, 7])), Throws.TypeOf<ShapeException>().With.Message.Contains("[batch, length, 8]"));
        Assert.That(() => attention.Forward(new(x, x[0], x[0])), Throws.TypeOf<ShapeException>().With.Message.Contains("keys [6, 8]"));
        Assert.That(() => attention.Forward(new(x, x, x[.., ..5])), Throws.TypeOf<ShapeException>().With.Message.Contains("one value per key"));
        Assert.That(() => attention.Forward(new(x, x, x) { KeyMask = Tensor.Ones([2, 5], DType.Bool) }), Throws.TypeOf<ShapeException>().With.Message.Contains("key mask"));
        Assert.That(() => attention.Forward(new(x, x, x) { Mask = Tensor.Ones([6, 6]) }), Throws.TypeOf<DTypeException>().With.Message.Contains("mask"));
        Assert.That(() => attention.Forward(x.Cast(DType.Float64)), Throws.TypeOf<DTypeException>());
        Assert.That(() => new SinusoidalPositions(8).Forward(Tensor.Zeros([2, 7])), Throws.TypeOf<ShapeException>().With.Message.Contains("[.., length, 8]"));
        Assert.That(() => learnt.Forward(x), Throws.TypeOf<ShapeException>().With.Message.Contains("6 positions, but 5"));
    }

    private static Tensor Random(Shape shape, ulong seed) => Tensor.Normal(shape, new Generator(seed), dtype: DType.Float64);

    private static void Close(Tensor actual, Tensor expected)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
        Assert.That(HostValues.Of(actual), Is.EqualTo(HostValues.Of(expected)).Within(1e-12));
    }
}
