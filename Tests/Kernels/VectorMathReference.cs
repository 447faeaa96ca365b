using System.Globalization;

namespace Gradwright.Tests.Kernels;

/// <summary>Function values computed with 500 bits: rows of VectorMathReference.csv, which is embedded in the test assembly.</summary>
internal static class VectorMathReference
{
    /// <summary>The exact value at X is Y + Residual, Y being the nearest double.</summary>
    public static (double X, double Y, double Residual)[] Rows(string function)
    {
        using Stream stream = typeof(VectorMathReference).Assembly.GetManifestResourceStream("VectorMathReference.csv")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n')
            .Select(line => line.Split(','))
            .Where(cells => cells[0] == function)
            .Select(cells => (Parse(cells[1]), Parse(cells[2]), Parse(cells[3])))];
    }

    private static double Parse(string bits) => BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber));
}
