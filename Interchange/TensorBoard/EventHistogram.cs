using Gradwright.TensorBoard;

namespace Gradwright;

/// <summary>How a tensor's elements are spread.</summary>
internal static class EventHistogram
{
    private const int Buckets = 64;     // of equal width from the least to the greatest; TensorBoard shows about half as many

    /// <summary>Of the finite elements; null where there are none.</summary>
    public static HistogramProto? Of(Tensor tensor)
    {
        double[] values = Finite(tensor);
        if (values.Length == 0) return null;
        double min = values.Min(), max = values.Max(), width = (max - min) / Buckets;
        HistogramProto histogram = new() { Min = min, Max = max, Num = values.Length, Sum = values.Sum(), SumSquares = values.Sum(value => value * value) };
        int count = width > 0 ? Buckets : 1;
        double[] buckets = new double[count];
        foreach (double value in values) buckets[width > 0 ? Math.Min(count - 1, (int)((value - min) / width)) : 0]++;
        for (int i = 0; i < count; i++)
        {
            histogram.BucketLimit.Add(i == count - 1 ? max : min + (i + 1) * width);
            histogram.Bucket.Add(buckets[i]);
        }

        return histogram;
    }

    private static double[] Finite(Tensor tensor)
    {
        using Tape.Pause pause = Tape.NoRecord();
        using TensorScope scope = new();
        double[] values = tensor.DType == DType.Float64 ? tensor.ToArray<double>() : Array.ConvertAll(tensor.Cast(DType.Float32).ToArray<float>(), value => (double)value);
        return Array.FindAll(values, double.IsFinite);
    }
}
