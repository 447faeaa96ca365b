namespace Gradwright.Training;

/// <summary>A tensor's elements on the host, whatever their type: what metrics that sort and count work on.</summary>
internal static class HostValues
{
    /// <summary>The elements, row-major, as doubles.</summary>
    public static double[] Numbers(Tensor x) => x.DType switch
    {
        DType.Float64 => x.ToArray<double>(),
        _ when x.DType.IsFloating => Array.ConvertAll(x.Cast(DType.Float32).ToArray<float>(), value => (double)value),
        _ => Array.ConvertAll(Integers(x), value => (double)value),
    };

    /// <summary>The elements, row-major, as integers; fractions are cut off.</summary>
    public static long[] Integers(Tensor x) => x.Cast(DType.Int64).ToArray<long>();
}
