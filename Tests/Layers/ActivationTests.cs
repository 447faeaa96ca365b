using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Layers;

/// <summary>Activations at the ends of their range, learnt ones, and maxout.</summary>
[InTensorScope]
public sealed class ActivationTests
{
    private static IEnumerable<Module<Tensor, Tensor>> All =>
    [
        new ReLU(), new ReLU6(), new LeakyReLU(), new ELU(), new SELU(), new GELU(), new GELU(tanh: true), new SiLU(), new Swish(2), new Softplus(), new Softplus(3),
        new Gradwright.Layers.Tanh(), new Sigmoid(), new Sigmoid(4), new HardSigmoid(), new HardSwish(), new Mish(),
    ];

    [TestCaseSource(nameof(All))]
    public void Large_numbers_give_no_nonsense(Module<Tensor, Tensor> layer)
    {
        foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
        {
            double[] values = [-1e30, -1e15, -200, 200, 1e15, 1e30];
            using Tape tape = new();
            Tensor x = tape.Watch(Tensor.From(values, [6]).Cast(dtype)), y = layer.Forward(x);
            double[] slopes = tape.Gradients(y.SumTo([]), [x])[0].Cast(DType.Float64).ToArray<double>(), results = y.Detach().Cast(DType.Float64).ToArray<double>();
            Assert.That(results, Has.All.Matches<double>(double.IsFinite), $"{dtype}");
            Assert.That(slopes, Has.All.InRange(-1e-5, 1.06), $"{dtype}: the slopes of all of them lie between 0 and SELU's 1.05 there");
            // Far out each is a straight line.
            for (int i = 0; i < 6; i++)
                if (Math.Abs(values[i]) > 1e14) Assert.That(slopes[i] * values[i], Is.EqualTo(results[i]).Within(1e-5 * Math.Abs(values[i])).Or.EqualTo(0), $"{dtype} at {values[i]}");
        }
    }

    [TestCaseSource(nameof(All))]
    public void A_nan_stays(Module<Tensor, Tensor> layer)
        => Assert.That(layer.Forward(Tensor.From([1f, float.NaN, -1], [3])).ToArray<float>().Select(float.IsNaN), Is.EqualTo([false, true, false]));

    [Test]
    public void Swish_lies_between_a_line_and_relu()
    {
        Tensor x = Tensor.Linspace(-4, 4, 41, DType.Float64);
        Assert.That(x.Swish(0).ToArray<double>(), Is.EqualTo((x / 2).ToArray<double>()).Within(1e-15));
        Assert.That(x.Swish(200).ToArray<double>(), Is.EqualTo(x.Relu().ToArray<double>()).Within(1e-15));
        Assert.That(x.Swish(1).ToArray<double>(), Is.EqualTo(x.Silu().ToArray<double>()).Within(1e-15));
        using Swish learnt = new(1.5, learnt: true, dtype: DType.Float64), given = new(1.5);
        Assert.That(learnt.Forward(x).ToArray<double>(), Is.EqualTo(given.Forward(x).ToArray<double>()).Within(1e-15));
        Assert.That(learnt.StateDictionary().Keys, Is.EqualTo(["beta"]));
    }

    [Test]
    public void PReLU_learns_a_slope_for_all_or_for_each_channel()
    {
        using PReLU one = new(), each = new(3);
        Tensor x = Tensor.From([-1f, 2, -3, 4, -5, 6], [1, 3, 2]);
        Assert.That(one.Forward(x).ToArray<float>(), Is.EqualTo([-0.25f, 2, -0.75f, 4, -1.25f, 6]));
        using Tape tape = new();
        tape.Backward(each.Forward(x).Sum());
        Assert.That(each.Weight.Grad!.ToArray<float>(), Is.EqualTo([-1f, -3, -5]), "the sum of what is below zero");
        Assert.That(() => each.Forward(Tensor.Zeros([2, 4])), Throws.TypeOf<ShapeException>().With.Message.Contains("one slope per channel"));
        Assert.That(() => new PReLU(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Maxout_takes_the_largest_piece_and_can_be_an_absolute_value()
    {
        Tensor x = Tensor.From([1f, 5, 2, -3, -1, -2], [1, 6]);
        Assert.That(x.Maxout(3).ToArray<float>(), Is.EqualTo([5f, -1]));
        Assert.That(x.Reshape(6, 1).Maxout(2, axis: 0).ToArray<float>(), Is.EqualTo([5f, 2, -1]), "along any dimension");
        using Maxout layer = new(1, 1, bias: false);
        layer.Weight.CopyFrom(Tensor.From([1f, -1], [2, 1]));
        Assert.That(layer.Forward(Tensor.From([-3f, 2, 0], [3, 1])).ToArray<float>(), Is.EqualTo([3f, 2, 0]));
        Assert.That(layer.StateDictionary().Keys, Is.EqualTo(["weight"]));
        Assert.That(() => x.Maxout(4), Throws.TypeOf<ShapeException>().With.Message.Contains("units of 4 pieces"));
        Assert.That(() => new Maxout(2, 2, 0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("pieces"));
    }

    [Test]
    public void Parameters_of_functions_are_checked()
    {
        Assert.That(() => new Softplus(0), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("beta"));
        Assert.That(() => new ELU(-1).Forward(Tensor.Ones([2])), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Mish().Forward(Tensor.Zeros([2], DType.Int64)), Throws.TypeOf<DTypeException>().With.Message.Contains("Cast"));
    }
}
