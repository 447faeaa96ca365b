using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>Copies of operands in the order in which the register kernel reads them. All strides are in elements.</summary>
internal static unsafe class GemmPacking<T, V, S> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
{
    private static int PanelWidth { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2 * S.Count; }

    /// <summary>B [k, n] to [panel][k][2 vectors]; the last panel is filled up with zeros.</summary>
    public static void PackColumns(T* b, nint rowB, nint colB, int k, int n, T* to)
    {
        if (colB == 1) CopyColumns(b, rowB, k, n, to);
        else if (rowB == 1) TurnColumns(b, colB, k, n, to);
        else GatherColumns(b, rowB, colB, k, n, to);
    }

    /// <summary>A [rows, k] with contiguous rows (or any strides) to rows at the distance <paramref name="rowTo"/>.</summary>
    /// <remarks>Not transposed: the kernel broadcasts single elements.</remarks>
    [MethodImpl(HotLoop.Options)]
    public static void PackRows(T* a, nint rowA, nint colA, int rows, int k, T* to, nint rowTo)
    {
        for (int i = 0; i < rows; i++, a += rowA, to += rowTo)
        {
            int p = 0;
            if (colA == 1)
                for (; p + S.Count <= k; p += S.Count) S.Store(to + p, S.Load(a + p));
            for (; p < k; p++) to[p] = a[p * colA];
        }
    }

    /// <summary>
    /// A [rows, k] with contiguous columns to columns at the distance <paramref name="colTo"/>. Whole vectors are stored, each over the
    /// end of the one before; up to a vector is written past the last column.
    /// </summary>
    [MethodImpl(HotLoop.Options)]
    public static void PackRowsOfTransposed(T* a, nint colA, int rows, int k, T* to, nint colTo)
    {
        int first = Math.Min(rows, S.Count);
        for (int p = 0; p < k; p++, a += colA, to += colTo)
        {
            S.Store(to, S.LoadPart(a, first));
            for (int i = S.Count; i < rows; i += S.Count) S.Store(to + i, S.LoadPart(a + i, Math.Min(S.Count, rows - i)));
        }
    }

    /// <summary>to[j · rowTo + i] = from[i · rowFrom + j] for j &lt; columns; 0 for i ≥ rows. Both are at most one vector.</summary>
    [SkipLocalsInit]
    [MethodImpl(HotLoop.Options)]
    public static void TransposePart(T* from, nint rowFrom, int rows, int columns, T* to, nint rowTo)
    {
        T* square = stackalloc T[2 * S.Count * S.Count], turned = square + S.Count * S.Count;
        for (int i = 0; i < S.Count; i++) S.Store(square + i * S.Count, i < rows ? S.LoadPart(from + i * rowFrom, columns) : S.Constant(0));
        S.Transpose(square, S.Count, turned, S.Count);
        for (int j = 0; j < columns; j++) S.Store(to + j * rowTo, S.Load(turned + j * S.Count));
    }

    [MethodImpl(HotLoop.Options)]
    private static void CopyColumns(T* b, nint rowB, int k, int n, T* to)
    {
        int panels = n / PanelWidth, rest = n - panels * PanelWidth;
        int rest0 = Math.Min(rest, S.Count), rest1 = rest - rest0;
        nint panel = (nint)k * PanelWidth, ahead = GemmBlocking.PackAhead * rowB;
        for (int p = 0; p < k; p++, b += rowB, to += PanelWidth)
        {
            T* from = b, line = to;
            for (int j = 0; j < panels; j++, from += PanelWidth, line += panel)
            {
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(from + ahead);
                    Sse.Prefetch0((byte*)(from + ahead) + 64);
                }

                S.Store(line, S.Load(from));
                S.Store(line + S.Count, S.Load(from + S.Count));
            }

            if (rest == 0) continue;
            S.Store(line, S.LoadPart(from, rest0));
            S.Store(line + S.Count, rest1 > 0 ? S.LoadPart(from + S.Count, rest1) : S.Constant(0));
        }
    }

    [MethodImpl(HotLoop.Options)]
    private static void TurnColumns(T* b, nint colB, int k, int n, T* to)
    {
        nint panel = (nint)k * PanelWidth;
        for (int j = 0; j < n; j += S.Count)
        {
            T* from = b + j * colB, line = to + j / PanelWidth * panel + j % PanelWidth;
            int columns = Math.Min(S.Count, n - j), p = 0;
            if (columns == S.Count)
                for (; p + S.Count <= k; p += S.Count) S.Transpose(from + p, colB, line + (nint)p * PanelWidth, PanelWidth);
            for (; p < k; p += S.Count)
                TransposePart(from + p, colB, columns, Math.Min(S.Count, k - p), line + (nint)p * PanelWidth, PanelWidth);
            // The panel's second vector is read as well: zero where n leaves it out.
            if (j + S.Count >= n && j % PanelWidth == 0)
                for (p = 0; p < k; p++) S.Store(line + S.Count + (nint)p * PanelWidth, S.Constant(0));
        }
    }

    [MethodImpl(HotLoop.Options)]
    private static void GatherColumns(T* b, nint rowB, nint colB, int k, int n, T* to)
    {
        for (int j = 0; j < n; j += PanelWidth)
            for (int p = 0; p < k; p++)
                for (int x = 0; x < PanelWidth; x++)
                    *to++ = j + x < n ? b[p * rowB + (j + x) * colB] : default;
    }
}
