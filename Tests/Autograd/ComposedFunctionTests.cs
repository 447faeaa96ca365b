using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>Public functions that are put together from ops.</summary>
[InTensorScope]
public sealed class ComposedFunctionTests
{
    private static Tensor X => Tensor.From(-4.0, -1.5, -0.25, 0.5, 2, 5);

    private static void Check(Func<Tensor, Tensor> f, Func<double, double> expected)
    {
        Assert.That(f(X).ToArray<double>(), Is.EqualTo(X.ToArray<double>().Select(expected)).Within(1e-12));
        GradCheck.Assert(x => f(x[0]), [X]);
    }

    [Test]
    public void Hard_sigmoid_is_a_limited_line() => Check(x => x.HardSigmoid(), x => Math.Clamp(x / 6 + 0.5, 0, 1));

    [Test]
    public void Reciprocal_is_one_over_x() => Check(x => x.Reciprocal(), x => 1 / x);

    [Test]
    public void Selu_scales_an_ELU()
        => Check(x => x.Selu(), x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)));

    [Test]
    public void PReLU_has_a_slope_per_element_and_learns_it()
    {
        Tensor slope = Tensor.From(0.1, 0.2, 0.3, 0.4, 0.5, 0.6);
        Assert.That(X.PRelu(slope).ToArray<double>(), Is.EqualTo(new[] { -0.4, -0.3, -0.075, 0.5, 2, 5 }).Within(1e-12));
        GradCheck.Assert(x => x[0].PRelu(x[1]), [X, slope]);
    }

    [Test]
    public void Clamp_refuses_crossed_limits()
        => Assert.That(() => X.Clamp(2, 1), Throws.ArgumentException.With.Message.Contains("lower limit 2"));
}
