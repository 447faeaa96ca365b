using System.Runtime.Intrinsics;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Kernels;

public sealed class VectorMathNormalTests
{
    [Test]
    public void Normal2_is_the_transform_of_Box_and_Muller()
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            double u1 = 1 - random.NextDouble(), u2 = random.NextDouble(), radius = Math.Sqrt(-2 * Math.Log(u1));
            double z0 = VectorMath.Normal2<double, double, SimdScalar<double>>(u1, u2, out double z1);
            Assert.That(z0, Is.EqualTo(radius * Math.Cos(2 * Math.PI * u2)).Within(1e-14));
            Assert.That(z1, Is.EqualTo(radius * Math.Sin(2 * Math.PI * u2)).Within(1e-14));

            float v1 = Math.Max((float)u1, float.Epsilon), v2 = (float)u2;
            float y0 = VectorMath.Normal2<float, float, SimdScalar<float>>(v1, v2, out float y1);
            radius = Math.Sqrt(-2 * Math.Log(v1));
            Assert.That(y0, Is.EqualTo(radius * Math.Cos(2 * Math.PI * v2)).Within(1e-6));
            Assert.That(y1, Is.EqualTo(radius * Math.Sin(2 * Math.PI * v2)).Within(1e-6));
        }
    }

    // Pinned: every accelerator has to produce these bits.
    [TestCase(0.25f, 0.125f, 0x3F96B55Fu, 0x3F96B55Fu)]
    [TestCase(0.9999999f, 0.6f, 0xB9CF1BBBu, 0xB996791Bu)]
    [TestCase(1.1641532e-10f, 0.999f, 0x40D86F2Fu, 0xBD2E111Du)]
    [TestCase(1f, 0.3f, 0x00000000u, 0x80000000u)]
    public void Normal2_gives_the_same_bits_in_every_width(float u1, float u2, uint bits0, uint bits1)
    {
        var one = (VectorMath.Normal2<float, float, SimdScalar<float>>(u1, u2, out float a), a);
        Assert.That((BitConverter.SingleToUInt32Bits(one.Item1), BitConverter.SingleToUInt32Bits(a)), Is.EqualTo((bits0, bits1)));
        Assert.That((VectorMath.Normal2<float, Vector128<float>, Simd128<float>>(Vector128.Create(u1), Vector128.Create(u2), out var b)[0], b[0]), Is.EqualTo(one));
        Assert.That((VectorMath.Normal2<float, Vector256<float>, Simd256<float>>(Vector256.Create(u1), Vector256.Create(u2), out var c)[7], c[7]), Is.EqualTo(one));
        Assert.That((VectorMath.Normal2<float, Vector512<float>, Simd512<float>>(Vector512.Create(u1), Vector512.Create(u2), out var d)[15], d[15]), Is.EqualTo(one));
    }

    [Test]
    public void Normal2_at_the_corners_is_finite([Values(1f, 1.17549435e-38f, 5.9604645e-8f)] float u1, [Values(0f, 0.25f, 0.5f, 0.75f, 1f)] float u2)
    {
        float z0 = VectorMath.Normal2<float, float, SimdScalar<float>>(u1, u2, out float z1);
        Assert.That(float.IsFinite(z0) && float.IsFinite(z1));
    }
}
