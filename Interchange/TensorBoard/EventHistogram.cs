using Gradwright.TensorBoard;

namespace Gradwright;

/// <summary>A histogram as a message of the format.</summary>
internal static class EventHistogram
{
    /// <summary>Of the finite elements; null where there are none. TensorBoard shows about half as many buckets as are written.</summary>
    public static HistogramProto? Of(Tensor tensor)
    {
        TensorHistogram histogram = TensorHistogram.Of(tensor);
        if (histogram.Count == 0) return null;
        HistogramProto message = new() { Min = histogram.Min, Max = histogram.Max, Num = histogram.Count, Sum = histogram.Sum, SumSquares = histogram.SquareSum };
        for (int i = 0; i < histogram.Counts.Count; i++)
        {
            message.BucketLimit.Add(histogram.Limit(i));
            message.Bucket.Add(histogram.Counts[i]);
        }

        return message;
    }
}
