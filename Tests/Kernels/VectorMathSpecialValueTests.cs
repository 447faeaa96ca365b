using Gradwright.Kernels;
using NUnit.Framework;
using static System.Double;

namespace Gradwright.Tests.Kernels;

/// <summary>Zeros with their signs, infinities, NaN and the ends of the range, as IEEE 754 and C99 have them.</summary>
public sealed class VectorMathSpecialValueTests
{
    [TestCase(NegativeInfinity, 0.0)]
    [TestCase(PositiveInfinity, PositiveInfinity)]
    [TestCase(NaN, NaN)]
    [TestCase(-0.0, 1.0)]
    [TestCase(1000.0, PositiveInfinity)]
    [TestCase(-1000.0, 0.0)]
    public void Exp(double x, double y) => Check<FunctionsUnderTest.Exp>(x, y);

    [TestCase(NegativeInfinity, -1.0)]
    [TestCase(PositiveInfinity, PositiveInfinity)]
    [TestCase(NaN, NaN)]
    [TestCase(0.0, 0.0)]
    [TestCase(-0.0, -0.0)]
    public void Expm1(double x, double y) => Check<FunctionsUnderTest.Expm1>(x, y);

    [TestCase(0.0, NegativeInfinity)]
    [TestCase(-0.0, NegativeInfinity)]
    [TestCase(1.0, 0.0)]
    [TestCase(-1.0, NaN)]
    [TestCase(NegativeInfinity, NaN)]
    [TestCase(PositiveInfinity, PositiveInfinity)]
    [TestCase(NaN, NaN)]
    public void Log(double x, double y) => Check<FunctionsUnderTest.Log>(x, y);

    [TestCase(-1.0, NegativeInfinity)]
    [TestCase(-1.5, NaN)]
    [TestCase(NegativeInfinity, NaN)]
    [TestCase(PositiveInfinity, PositiveInfinity)]
    [TestCase(0.0, 0.0)]
    [TestCase(-0.0, -0.0)]
    [TestCase(NaN, NaN)]
    public void Log1p(double x, double y) => Check<FunctionsUnderTest.Log1p>(x, y);

    [TestCase(NegativeInfinity, 0.0)]
    [TestCase(PositiveInfinity, PositiveInfinity)]
    [TestCase(1000.0, 1000.0)]
    [TestCase(NaN, NaN)]
    public void Softplus(double x, double y) => Check<FunctionsUnderTest.Softplus>(x, y);

    [TestCase(NegativeInfinity, -1.0)]
    [TestCase(PositiveInfinity, 1.0)]
    [TestCase(0.0, 0.0)]
    [TestCase(-0.0, -0.0)]
    [TestCase(NaN, NaN)]
    public void Tanh_and_Erf(double x, double y)
    {
        Check<FunctionsUnderTest.Tanh>(x, y);
        Check<FunctionsUnderTest.Erf>(x, y);
    }

    [TestCase(NegativeInfinity, 2.0)]
    [TestCase(PositiveInfinity, 0.0)]
    [TestCase(-0.0, 1.0)]
    [TestCase(NaN, NaN)]
    public void Erfc(double x, double y) => Check<FunctionsUnderTest.Erfc>(x, y);

    [TestCase(1.5, NaN)]
    [TestCase(NegativeInfinity, NaN)]
    [TestCase(0.0, 0.0)]
    [TestCase(-0.0, -0.0)]
    [TestCase(NaN, NaN)]
    public void Asin(double x, double y) => Check<FunctionsUnderTest.Asin>(x, y);

    [TestCase(-1.5, NaN)]
    [TestCase(PositiveInfinity, NaN)]
    [TestCase(1.0, 0.0)]
    [TestCase(NaN, NaN)]
    public void Acos(double x, double y) => Check<FunctionsUnderTest.Acos>(x, y);

    [TestCase(0.0, 0.0)]
    [TestCase(-0.0, -0.0)]
    [TestCase(NaN, NaN)]
    public void Atan(double x, double y) => Check<FunctionsUnderTest.Atan>(x, y);

    [Test]
    public void Atan_and_Asin_end_at_half_a_turn()
    {
        Check(VectorMath.Atan<double, double, SimdScalar<double>>(NegativeInfinity), -Math.PI / 2);
        Check(VectorMath.Atan<float, float, SimdScalar<float>>(float.PositiveInfinity), (float)(Math.PI / 2));
        Check(VectorMath.Asin<double, double, SimdScalar<double>>(1), Math.PI / 2);
        Check(VectorMath.Acos<float, float, SimdScalar<float>>(-1), (float)Math.PI);
    }

    [TestCase(NegativeInfinity, 0.0)]
    [TestCase(PositiveInfinity, 1.0)]
    [TestCase(-0.0, 0.5)]
    [TestCase(NaN, NaN)]
    public void Sigmoid(double x, double y) => Check<FunctionsUnderTest.Sigmoid>(x, y);

    [TestCase(NegativeInfinity, NaN)]
    [TestCase(PositiveInfinity, NaN)]
    [TestCase(0.0, 0.0)]
    [TestCase(-0.0, -0.0)]
    [TestCase(NaN, NaN)]
    public void Sin_and_Tan(double x, double y)
    {
        Check<FunctionsUnderTest.Sin>(x, y);
        Check<FunctionsUnderTest.Tan>(x, y);
    }

    [TestCase(NegativeInfinity, NaN)]
    [TestCase(PositiveInfinity, NaN)]
    [TestCase(-0.0, 1.0)]
    [TestCase(NaN, NaN)]
    public void Cos(double x, double y) => Check<FunctionsUnderTest.Cos>(x, y);

    [Test]
    public void Sin_and_Cos_keep_their_accuracy_beside_every_zero_up_to_the_limit_of_the_reduction()
    {
        double worst = 0;
        for (int k = 1; k * Math.PI / 2 < (1 << 20); k++)
        {
            float x = (float)(k * Math.PI / 2);
            worst = Math.Max(worst, Math.Max(UlpError<FunctionsUnderTest.Sin>(x), UlpError<FunctionsUnderTest.Cos>(x)));
        }

        Assert.That(worst, Is.LessThanOrEqualTo(1.6)); // the documented bound
    }

    private static double UlpError<F>(float x) where F : struct, IFunctionUnderTest
    {
        double expected = F.Reference(x);
        return Math.Abs(F.Of<float, float, SimdScalar<float>>(x) - expected) / Math.ScaleB(1, Math.ILogB(expected) - 23);
    }

    [TestCase(NegativeInfinity, -0.0)]
    [TestCase(PositiveInfinity, PositiveInfinity)]
    [TestCase(-0.0, -0.0)]
    [TestCase(NaN, NaN)]
    [TestCase(-50.0, -0.0)]
    public void Gelu_in_both_forms(double x, double y)
    {
        Check(VectorMath.Gelu<double, double, SimdScalar<double>>(x), y);
        Check(VectorMath.GeluTanh<double, double, SimdScalar<double>>(x), y);
        Check(VectorMath.Gelu<float, float, SimdScalar<float>>((float)x), y);
        Check(VectorMath.GeluTanh<float, float, SimdScalar<float>>((float)x), y);
    }

    [TestCase(-3.0, -1.0)]
    [TestCase(Epsilon, 1.0)]
    [TestCase(-0.0, -0.0)]
    [TestCase(0.0, 0.0)]
    [TestCase(NaN, NaN)]
    public void Sign(double x, double y) => Check(VectorMath.Sign<double, double, SimdScalar<double>>(x), y);

    [TestCase(0.0, PositiveInfinity)]
    [TestCase(-0.0, NegativeInfinity)]
    [TestCase(PositiveInfinity, 0.0)]
    [TestCase(-1.0, NaN)]
    [TestCase(0.25, 2.0)]
    public void Rsqrt(double x, double y) => Check(VectorMath.Rsqrt<double, double, SimdScalar<double>>(x), y);

    [Test]
    public void Gelu_is_x_times_the_normal_distribution([Values(-3.0, -0.5, 0.25, 2.0)] double x)
    {
        double phi = 0.5 * (1 + FunctionsUnderTest.Erf.Reference(x / Math.Sqrt(2)));
        Assert.That(VectorMath.Gelu<double, double, SimdScalar<double>>(x), Is.EqualTo(x * phi).Within(1e-15));
        double u = Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
        Assert.That(VectorMath.GeluTanh<double, double, SimdScalar<double>>(x), Is.EqualTo(0.5 * x * (1 + Math.Tanh(u))).Within(1e-15));
    }

    [Test]
    public void Gelu_in_single_precision_is_within_3_ulp_to_the_right_and_as_close_to_zero_to_the_left()
    {
        double right = 0, left = 0;
        for (int i = 1; i < 100_000; i++)
        {
            float x = i * 1e-4f;
            double phi = 0.5 * (1 + FunctionsUnderTest.Erf.Reference(x / Math.Sqrt(2)));
            right = Math.Max(right, Math.Abs(VectorMath.Gelu<float, float, SimdScalar<float>>(x) - x * phi) / Math.ScaleB(1, Math.ILogB(x * phi) - 23));
            left = Math.Max(left, Math.Abs(VectorMath.Gelu<float, float, SimdScalar<float>>(-x) + x * (1 - phi)) / Math.Max(x, 1));
        }

        Assert.That(right, Is.LessThanOrEqualTo(3));
        Assert.That(left, Is.LessThanOrEqualTo(1e-7));
    }

    private static void Check<F>(double x, double y) where F : struct, IFunctionUnderTest
    {
        Check(F.Of<double, double, SimdScalar<double>>(x), y);
        Check(F.Of<float, float, SimdScalar<float>>((float)x), y);
    }

    private static void Check(double actual, double expected)
    {
        Assert.That(actual, Is.EqualTo(expected));
        Assert.That(IsNegative(actual) || IsNaN(actual), Is.EqualTo(IsNegative(expected) || IsNaN(expected)), "sign");
    }
}
