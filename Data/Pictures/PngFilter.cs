using System.Numerics;

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

    /// <summary>Turns differences into the row, in place. Each filter has a loop of its own: reading pictures is what data loading waits for.</summary>
    public static void Undo(int kind, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        int first = Math.Min(step, row.Length);
        if (kind is 1 or 3 or 4)            // the first pixel has no left neighbour
            for (int i = 0; i < first; i++) row[i] += (byte)Predict(kind, 0, above[i], 0);
        switch (kind)
        {
            case 1:
                for (int i = first; i < row.Length; i++) row[i] += row[i - step];
                break;
            case 2:
                AddUp(row, above);
                break;
            case 3:
                for (int i = first; i < row.Length; i++) row[i] += (byte)((row[i - step] + above[i]) >> 1);
                break;
            case 4:
                for (int i = first; i < row.Length; i++) row[i] += (byte)Paeth(row[i - step], above[i], above[i - step]);
                break;
        }
    }

    private static void AddUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);
        for (; i < row.Length; i++) row[i] += above[i];
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
