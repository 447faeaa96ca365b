using System.Runtime.Intrinsics;

namespace Gradwright.Data;

/// <summary>Sums over rows of numbers in double precision, always in the same lanes, so that every processor gives the same bits.</summary>
internal static class DoubleMath
{
    /// <summary>Σ a·b.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector256<double> even = default, odd = default;
        int i = 0;
        for (; i <= a.Length - 8; i += 8)
        {
            even += Vector256.Create(a[i..]) * Vector256.Create(b[i..]);
            odd += Vector256.Create(a[(i + 4)..]) * Vector256.Create(b[(i + 4)..]);
        }

        double sum = Vector256.Sum(even + odd);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>y += factor · x.</summary>
    public static void AddScaled(Span<double> y, double factor, ReadOnlySpan<double> x)
    {
        int i = 0;
        for (; i <= y.Length - 4; i += 4) (Vector256.Create((ReadOnlySpan<double>)y[i..]) + factor * Vector256.Create(x[i..])).CopyTo(y[i..]);
        for (; i < y.Length; i++) y[i] += factor * x[i];
    }
}
