using System.Globalization;

namespace Gradwright.Tests.Kernels;

/// <summary>Function values computed with 500 bits: rows of VectorMathReference.csv, which is embedded in the test assembly.</summary>
internal static class VectorMathReference
{
    /// <summary>The exact value at X is Y + Residual, Y being the nearest double.</summary>
    public static (double X, double Y, double Residual)[] Rows(string function) => [.. Cells(function).Select(c => (c[0], c[1], c[2]))];

    /// <summary>The same for the power A to the B.</summary>
    public static (double A, double B, double Y, double Residual)[] PowerRows() => [.. Cells("Pow").Select(c => (c[0], c[1], c[2], c[3]))];

    private static IEnumerable<double[]> Cells(string function)
    {
        using Stream stream = typeof(VectorMathReference).Assembly.GetManifestResourceStream("VectorMathReference.csv")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (line.StartsWith(function + ",", StringComparison.Ordinal))
                yield return [.. line.Split(',').Skip(1).Select(Parse)];
    }

    private static double Parse(string bits) => BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber));
}
