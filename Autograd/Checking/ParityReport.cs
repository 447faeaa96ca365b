namespace Gradwright.Checking;

/// <summary>How far two accelerators' results are apart.</summary>
/// <param name="Error">The worst result's max|a−b| / max|b|.</param>
/// <param name="Worst">Which result and element, and both values.</param>
public readonly record struct ParityReport(double Error, string Worst)
{
    /// <summary>What rounding explains: 1e-5 in Float32, 1e-12 in Float64.</summary>
    public static double Tolerance(DType dtype) => dtype == DType.Float64 ? 1e-12 : 1e-5;

    /// <summary>
    /// What a result or derivative may differ from double precision: a few units of the last place, for each of the steps of a derivative, which are rounded one by one.
    /// </summary>
    public static double Tolerance(DType dtype, int order) => Math.Pow(8, order) * dtype switch
    {
        DType.BFloat16 => 1.0 / 256,
        DType.Float16 => 1.0 / 2048,
        _ => 2 * Tolerance(dtype),
    };

    /// <summary>Compares results pair by pair.</summary>
    internal static ParityReport Compare(Tensor[] actual, Tensor[] expected)
    {
        ParityReport worst = new(0, "");
        if (actual.Length != expected.Length) return new(double.PositiveInfinity, $"{actual.Length} results instead of {expected.Length}");
        for (int j = 0; j < expected.Length; j++)
        {
            ParityReport report = Compare(actual[j], expected[j], $"result {j}");
            if (report.Error > worst.Error) worst = report;
        }

        return worst;
    }

    private static ParityReport Compare(Tensor actual, Tensor expected, string what)
    {
        if (actual.Shape != expected.Shape || actual.DType != expected.DType) return new(double.PositiveInfinity, $"{what} is {actual.Describe()} instead of {expected.Describe()}");
        double[] a = HostValues.Of(actual), b = HostValues.Of(expected);
        double largest = b.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max(), error = 0;
        int at = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = a[i].Equals(b[i]) || a[i] == b[i] ? 0 : double.IsFinite(b[i]) && expected.DType.IsFloating ? Math.Abs(a[i] - b[i]) / largest : double.PositiveInfinity;
            if (!(difference <= error)) (error, at) = (double.IsNaN(difference) ? double.PositiveInfinity : difference, i);
        }

        return new(error, error > 0 ? $"{what}, element {at}: {a[at]:R} instead of {b[at]:R} (largest {largest:G3})" : "");
    }
}
