namespace Gradwright.Data;

/// <summary>
/// The five row filters of PNG: each stores a byte as its difference from a prediction by its left (a), upper (b) and upper left (c) neighbours.
/// </summary>
internal static class PngFilter
{
    public const int Kinds = 5;

    /// <summary>
    /// difference = row − prediction. <paramref name="step"/> is the number of bytes of a pixel; <paramref name="above"/> is zero for the first row.
    /// </summary>
    public static void Apply(int kind, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, Span<byte> difference)
    {
        for (int i = 0; i < row.Length; i++)
            difference[i] = (byte)(row[i] - Predict(kind, i < step ? 0 : row[i - step], above[i], i < step ? 0 : above[i - step]));
    }

    /// <summary>Turns differences into the row, in place.</summary>
    public static void Undo(int kind, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        for (int i = 0; i < row.Length; i++)
            row[i] += (byte)Predict(kind, i < step ? 0 : row[i - step], above[i], i < step ? 0 : above[i - step]);
    }

    private static int Predict(int kind, int a, int b, int c) => kind switch
    {
        0 => 0,
        1 => a,
        2 => b,
        3 => (a + b) / 2,
        _ => Paeth(a, b, c),
    };

    // The neighbour nearest to a + b − c; ties go to a, then b.
    private static int Paeth(int a, int b, int c)
    {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - 2 * c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }
}
