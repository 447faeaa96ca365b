using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

/// <summary>Errors in units of the last place, in float against double and in double against a table of exact values.</summary>
[TestFixture(typeof(FunctionsUnderTest.Exp), 1.0, 1.0)]
[TestFixture(typeof(FunctionsUnderTest.Expm1), 1.5, 2.0)]
[TestFixture(typeof(FunctionsUnderTest.Log), 1.0, 1.0)]
[TestFixture(typeof(FunctionsUnderTest.Log1p), 1.0, 1.0)]
[TestFixture(typeof(FunctionsUnderTest.Softplus), 2.0, 2.0)]
[TestFixture(typeof(FunctionsUnderTest.Tanh), 1.5, 1.5)]
[TestFixture(typeof(FunctionsUnderTest.Sigmoid), 2.0, 2.0)]
[TestFixture(typeof(FunctionsUnderTest.Erf), 1.5, 1.5)]
[TestFixture(typeof(FunctionsUnderTest.Sin), 1.5, 1.5)]
[TestFixture(typeof(FunctionsUnderTest.Cos), 1.5, 1.5)]
[TestFixture(typeof(FunctionsUnderTest.Tan), 3.0, 3.0)]
[TestFixture(typeof(FunctionsUnderTest.Erfc), 4.0, 4.0)]
[TestFixture(typeof(FunctionsUnderTest.Atan), 2.0, 2.0)]
[TestFixture(typeof(FunctionsUnderTest.Asin), 2.0, 2.0)]
[TestFixture(typeof(FunctionsUnderTest.Acos), 1.5, 1.5)]
public sealed unsafe class VectorMathTests<F>(double floatBound, double doubleBound) where F : struct, IFunctionUnderTest
{
    [Test]
    public void Float_results_are_within_the_bound_over_all_bit_patterns()
    {
        float[] x = FloatPatterns(), y = Map<float, float, SimdScalar<float>>(x);
        double worst = 0, at = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double expected = F.Reference(x[i]);
            if (double.IsNaN(expected) || double.IsInfinity((float)expected))
            {
                Assert.That(y[i], Is.EqualTo((float)expected), $"at {x[i]:R}");
                continue;
            }

            double ulp = Math.ScaleB(1, Math.Max(expected == 0 ? -126 : Math.ILogB(expected), -126) - 23);
            double error = Math.Abs(y[i] - expected) / ulp;
            if (!(error <= worst)) (worst, at) = (error, x[i]);
        }

        Assert.That(worst, Is.LessThanOrEqualTo(floatBound), $"at {at:R}");
    }

    [Test]
    public void Double_results_are_within_the_bound_at_the_tabulated_points()
    {
        (double X, double Y, double Residual)[] rows = VectorMathReference.Rows(typeof(F).Name);
        double[] y = Map<double, double, SimdScalar<double>>([.. rows.Select(row => row.X)]);
        Assert.That(rows, Has.Length.GreaterThan(100));
        for (int i = 0; i < y.Length; i++)
        {
            double ulp = Math.BitIncrement(Math.Abs(rows[i].Y)) - Math.Abs(rows[i].Y);
            double error = Math.Abs(y[i] - rows[i].Y - rows[i].Residual) / ulp;
            Assert.That(error, Is.LessThanOrEqualTo(doubleBound), $"at {rows[i].X:R}: {y[i]:R}, expected {rows[i].Y:R}");
        }
    }

    [Test]
    public void Every_width_gives_the_same_bits()
    {
        AssertWidthsAgree(FloatPatterns());
        AssertWidthsAgree(DoublePatterns());
    }

    private static void AssertWidthsAgree<T>(T[] x) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] one = Map<T, T, SimdScalar<T>>(x);
        Assert.That(Map<T, Vector128<T>, Simd128<T>>(x), Is.EqualTo(one).Using<T>(SameBits));
        Assert.That(Map<T, Vector256<T>, Simd256<T>>(x), Is.EqualTo(one).Using<T>(SameBits));
        Assert.That(Map<T, Vector512<T>, Simd512<T>>(x), Is.EqualTo(one).Using<T>(SameBits));
    }

    // Tells −0 from 0; one NaN is as good as another.
    private static bool SameBits<T>(T a, T b) where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => a.Equals(b) && T.IsNegative(a) == T.IsNegative(b) || T.IsNaN(a) && T.IsNaN(b);

    /// <summary>Some 130,000 floats of every exponent and sign, with infinities and NaN; a multiple of 16.</summary>
    private static float[] FloatPatterns()
        => [.. Enumerable.Range(0, 1 << 17).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 32771)), .. Specials(), .. Specials()];

    private static double[] DoublePatterns()
        => [.. Enumerable.Range(0, 1 << 14).Select(i => BitConverter.UInt64BitsToDouble((ulong)i * 1125899906843649)), .. Specials().Select(x => (double)x)];

    private static float[] Specials() => [0f, -0f, 1f, -1f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.Epsilon];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T[] Map<T, V, S>(T[] x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        T[] y = new T[x.Length];
        fixed (T* from = x, to = y)
            for (int i = 0; i < x.Length; i += S.Count)
            {
                int n = Math.Min(S.Count, x.Length - i);
                S.StorePart(to + i, n, F.Of<T, V, S>(S.LoadPart(from + i, n)));
            }

        return y;
    }
}
