using System.Runtime.Intrinsics;

namespace Gradwright.Data;

/// <summary>Sums over rows of numbers, always in eight lanes, so that every processor gives the same bits.</summary>
internal static class VectorMath
{
    /// <summary>Σ a·b.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Require(a, b);
        Vector256<float> sum = Vector256<float>.Zero;
        int i = 0;
        for (; i <= a.Length - 8; i += 8) sum += At(a, i) * At(b, i);
        float rest = 0;
        for (; i < a.Length; i++) rest += a[i] * b[i];
        return InOrder(sum) + rest;
    }

    /// <summary>Σ (a − b)².</summary>
    public static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Require(a, b);
        Vector256<float> sum = Vector256<float>.Zero;
        int i = 0;
        for (; i <= a.Length - 8; i += 8)
        {
            Vector256<float> difference = At(a, i) - At(b, i);
            sum += difference * difference;
        }

        float rest = 0;
        for (; i < a.Length; i++) rest += (a[i] - b[i]) * (a[i] - b[i]);
        return InOrder(sum) + rest;
    }

    /// <summary>y += factor · x.</summary>
    public static void AddScaled(Span<float> y, float factor, ReadOnlySpan<float> x)
    {
        int i = 0;
        for (; i <= y.Length - 8; i += 8) (At(y, i) + factor * At(x, i)).CopyTo(y[i..]);
        for (; i < y.Length; i++) y[i] += factor * x[i];
    }

    private static Vector256<float> At(ReadOnlySpan<float> values, int i) => Vector256.Create(values[i..]);

    private static float InOrder(Vector256<float> lanes)
    {
        float sum = 0;
        for (int i = 0; i < Vector256<float>.Count; i++) sum += lanes[i];
        return sum;
    }

    private static void Require(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length) throw new ShapeException($"Vectors of {a.Length} and {b.Length} numbers do not match.");
    }
}
