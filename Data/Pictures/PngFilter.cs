using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

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
        int i = 0, first = Math.Min(step, row.Length);
        for (; i < first; i++) difference[i] = (byte)(row[i] - Predict(kind, 0, above[i], 0));      // the first pixel has no left neighbour
        for (; i <= row.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
            (Vector128.Create(row[i..]) - Predict(kind, Vector128.Create(row[(i - step)..]), Vector128.Create(above[i..]), Vector128.Create(above[(i - step)..]))).CopyTo(difference[i..]);
        for (; i < row.Length; i++) difference[i] = (byte)(row[i] - Predict(kind, row[i - step], above[i], above[i - step]));
    }

    /// <summary>Turns differences into the row, in place. Each filter has a loop of its own: reading pictures is what data loading waits for.</summary>
    public static void Undo(int kind, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        int first = Math.Min(step, row.Length);
        if (kind is 1 or 3 or 4)
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
                for (int i = step is 3 or 4 ? AddPaeth(row, above, step) : first; i < row.Length; i++) row[i] += (byte)Paeth(row[i - step], above[i], above[i - step]);
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

    // A colour pixel at a time, since each needs the one to its left. Four bytes are read, of which those of the pixel count. Returns where it stopped.
    private static int AddPaeth(Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        int i = step;
        if (row.Length < step + 4) return Math.Min(i, row.Length);
        Vector128<byte> a = Four(row), c = Four(above);
        for (; i <= row.Length - 4; i += step)
        {
            Vector128<byte> b = Four(above[i..]);
            a = Four(row[i..]) + Paeth(a, b, c);
            c = b;
            uint pixel = a.AsUInt32().ToScalar();
            BinaryPrimitives.WriteUInt16LittleEndian(row[i..], (ushort)pixel);
            row[i + 2] = (byte)(pixel >> 16);
            if (step == 4) row[i + 3] = (byte)(pixel >> 24);
        }

        return i;
    }

    private static Vector128<byte> Four(ReadOnlySpan<byte> bytes) => Vector128.CreateScalarUnsafe(BinaryPrimitives.ReadUInt32LittleEndian(bytes)).AsByte();

    private static int Predict(int kind, int a, int b, int c) => kind switch
    {
        0 => 0,
        1 => a,
        2 => b,
        3 => (a + b) / 2,
        _ => Paeth(a, b, c),
    };

    private static Vector128<byte> Predict(int kind, Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) => kind switch
    {
        0 => Vector128<byte>.Zero,
        1 => a,
        2 => b,
        3 => (a & b) + ((a ^ b) >>> 1),
        _ => Paeth(a, b, c),
    };

    // The neighbour nearest to a + b − c; ties go to a, then b.
    private static int Paeth(int a, int b, int c)
    {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - 2 * c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }

    // The same without a ninth bit: a + b − 2c is the sum of b − c and a − c. Where both have one sign, c is the farthest, however far; else its distance is the difference of theirs.
    private static Vector128<byte> Paeth(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c)
    {
        Vector128<byte> toA = Distance(b, c), toB = Distance(a, c);
        Vector128<byte> oneSign = Vector128.Equals(Vector128.GreaterThanOrEqual(b, c), Vector128.GreaterThanOrEqual(a, c)), toC = Distance(toA, toB) | oneSign;
        Vector128<byte> isA = Vector128.LessThanOrEqual(toA, Vector128.Min(toB, toC)), isB = Vector128.LessThanOrEqual(toB, toC);
        return Vector128.ConditionalSelect(isA, a, Vector128.ConditionalSelect(isB, b, c));
    }

    private static Vector128<byte> Distance(Vector128<byte> x, Vector128<byte> y) => Vector128.Max(x, y) - Vector128.Min(x, y);
}
