using System.Runtime.Intrinsics;
using Gradwright.Kernels;
using NUnit.Framework;
using static System.Double;

namespace Gradwright.Tests.Kernels;

public sealed class VectorMathPowTests
{
    private static readonly double[] Bases =
        [0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, 1e30, -1e30, 1e-40, -1e-40, PositiveInfinity, NegativeInfinity, NaN, Epsilon];

    private static readonly double[] Exponents =
        [0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 2.5, 1e30, -1e30, 16777215, 9007199254740991, PositiveInfinity, NegativeInfinity, NaN, Epsilon];

    [Test]
    public void Pow_has_the_special_cases_of_C99([ValueSource(nameof(Bases))] double a, [ValueSource(nameof(Exponents))] double b)
    {
        AssertClose(VectorMath.Pow<double, double, SimdScalar<double>>(a, b), Math.Pow(a, b), 4e-16);
        AssertClose(VectorMath.Pow<float, float, SimdScalar<float>>((float)a, (float)b), (float)Math.Pow((float)a, (float)b), 2e-7);
    }

    [Test]
    public void Double_powers_are_within_one_and_a_half_ulp_of_the_table()
    {
        (double A, double B, double Y, double Residual)[] rows = VectorMathReference.PowerRows();
        Assert.That(rows, Has.Length.GreaterThan(100));
        foreach ((double a, double b, double y, double residual) in rows)
        {
            double error = Math.Abs(VectorMath.Pow<double, double, SimdScalar<double>>(a, b) - y - residual) / (BitIncrement(y) - y);
            Assert.That(error, Is.LessThanOrEqualTo(1.5), $"{a:R} to the {b:R}");
        }
    }

    [Test]
    public void Float_powers_are_within_one_and_a_half_ulp_in_every_width()
    {
        var random = new Random(3);
        for (int i = 0; i < 50_000; i++)
        {
            // A base of any exponent or one near 1, and an exponent that brings the result anywhere between overflow and 0.
            float a = (i & 1) == 0 ? BitConverter.Int32BitsToSingle(random.Next(1, 0x7F800000)) : (float)(2 * random.NextDouble() + 1e-9);
            float b = (float)((random.NextDouble() * 191 - 103) / Math.Log(a)), y = VectorMath.Pow<float, float, SimdScalar<float>>(a, b);
            double expected = Math.Pow(a, b), ulp = Math.ScaleB(1, Math.Max(Math.ILogB(expected), -126) - 23);
            if (!float.IsFinite((float)expected)) continue;
            Assert.That(Math.Abs(y - expected) / ulp, Is.LessThanOrEqualTo(1.5), $"{a:R} to the {b:R}");
            Assert.That(Wide(a, b), Is.EqualTo((y, y, y)));
        }
    }

    private static (float, float, float) Wide(float a, float b)
        => (VectorMath.Pow<float, Vector128<float>, Simd128<float>>(Vector128.Create(a), Vector128.Create(b))[3],
            VectorMath.Pow<float, Vector256<float>, Simd256<float>>(Vector256.Create(a), Vector256.Create(b))[7],
            VectorMath.Pow<float, Vector512<float>, Simd512<float>>(Vector512.Create(a), Vector512.Create(b))[15]);

    private static void AssertClose(double actual, double expected, double relative)
    {
        if (IsNaN(expected) || IsInfinity(expected) || expected == 0) Assert.That(actual, Is.EqualTo(expected));
        else Assert.That(actual, Is.EqualTo(expected).Within(relative * Math.Abs(expected)));
        if (!IsNaN(expected)) Assert.That(IsNegative(actual), Is.EqualTo(IsNegative(expected)), "sign");
    }
}
