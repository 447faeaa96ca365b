using System.Numerics;
using System.Text.Json.Serialization;

namespace Gradwright;

/// <summary>How numbers are spread: how many lie in each of some buckets of equal width, from the least to the greatest. NaN and infinities are counted apart.</summary>
/// <param name="Min">The least finite number; NaN where there is none.</param>
/// <param name="Max">The greatest finite number; NaN where there is none.</param>
/// <param name="Sum">Of the finite numbers.</param>
/// <param name="SquareSum">Of their squares.</param>
/// <param name="NotFinite">How many are NaN or infinite.</param>
/// <param name="Counts">Finite numbers per bucket: one bucket where all are equal, none where there are none.</param>
public sealed record TensorHistogram(double Min, double Max, double Sum, double SquareSum, long NotFinite, IReadOnlyList<long> Counts)
{
    /// <summary>As many buckets as a screen shows well.</summary>
    public const int UsualBuckets = 64;

    /// <summary>How many numbers are finite.</summary>
    [JsonIgnore]
    public long Count => Counts.Sum();

    /// <summary>The mean of the finite numbers; NaN where there are none.</summary>
    [JsonIgnore]
    public double Mean => Sum / Count;

    /// <summary>Their standard deviation about <see cref="Mean"/>.</summary>
    [JsonIgnore]
    public double Deviation => Math.Sqrt(Math.Max(0, SquareSum / Count - Mean * Mean));

    /// <summary>Where bucket <paramref name="bucket"/> ends and the next begins; the last one ends with <see cref="Max"/>, which it includes.</summary>
    public double Limit(int bucket) => bucket == Counts.Count - 1 ? Max : Min + (bucket + 1) * WidthOf(Counts.Count);

    /// <summary>The spread of a tensor's elements.</summary>
    public static TensorHistogram Of(Tensor tensor, int buckets = UsualBuckets)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        return tensor.DType == DType.Float64 ? Of<double>(tensor.ToArray<double>(), buckets) : Of<float>(tensor.Cast(DType.Float32).ToArray<float>(), buckets);
    }

    /// <summary>The spread of numbers.</summary>
    public static TensorHistogram Of<T>(ReadOnlySpan<T> values, int buckets = UsualBuckets) where T : INumber<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(buckets);
        (double min, double max, double sum, double squares) = (double.PositiveInfinity, double.NegativeInfinity, 0, 0);
        long finite = 0;
        foreach (T element in values)
        {
            if (!T.IsFinite(element)) continue;
            double value = double.CreateChecked(element);
            (min, max, sum, squares) = (Math.Min(min, value), Math.Max(max, value), sum + value, squares + value * value);
            finite++;
        }

        long notFinite = values.Length - finite;
        if (finite == 0) return new(double.NaN, double.NaN, 0, 0, notFinite, []);
        TensorHistogram histogram = new(min, max, sum, squares, notFinite, []);
        double width = histogram.WidthOf(buckets);
        long[] counts = new long[width > 0 ? buckets : 1];
        foreach (T element in values)
            if (T.IsFinite(element)) counts[width > 0 ? Math.Min(buckets - 1, (int)((double.CreateChecked(element) / 2 - min / 2) / (width / 2))) : 0]++;
        return histogram with { Counts = counts };
    }

    // In halves, so that the range of the largest numbers does not overflow.
    private double WidthOf(int buckets) => (Max / 2 - Min / 2) / buckets * 2;
}
