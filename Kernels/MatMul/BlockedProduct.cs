using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// The blocked product: blocks of columns (kept in L2), blocks of K, panels of rows (kept in L1), register tiles. Every element is
/// summed over k in the same order whatever the rows and columns asked for, so pieces of C can be computed anywhere.
/// </summary>
internal static unsafe class BlockedProduct<T, V, S>
    where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Columns of a register tile.</summary>
    public static int TileColumns { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2 * S.Count; }

    /// <summary>Computes rows i0..i0+m-1 and columns j0..j0+n-1 of C.</summary>
    [MethodImpl(HotLoop.Options)]
    public static void Run(ref GemmArguments<T> p, int i0, int m, int j0, int n)
    {
        int maxRows = GemmTiles<T, V, S>.MaxRows;
        int panels = Ceiling(m, maxRows), low = m / panels, higher = m - low * panels;      // `higher` panels have low + 1 rows
        int taps = Math.Max(p.Taps, 1), blockK = taps > 1 ? p.K : BlockK(p.K, p.Chain);
        int blockN = Ceiling(Ceiling(n, Ceiling(n, GemmBlocking.Columns)), TileColumns) * TileColumns;
        bool rowsOfA = p.ColA == 1, columnsOfA = p.RowA == 1 && !rowsOfA;
        bool packedB = p.PanelB != 0, directB = packedB || (p.ColB == 1 && (panels <= GemmBlocking.DirectRowPanels || taps > 1));
        bool startsWithRows = p.RowBias != null && p.Bias == null;
        bool adds = p.Addend != null || (p.RowBias != null && !startsWithRows), limits = !adds && p.Activation is (Activation.Relu or Activation.Relu6);
        delegate*<T*, nint, int, int, T*, T*, void> finish = limits ? null : GemmFinish<T, V, S>.For(p.Activation, adds);
        T* limit = stackalloc T[2] { T.Zero, p.Activation == Activation.Relu6 ? T.CreateTruncating(6) : T.PositiveInfinity };
        nint rowB = packedB ? TileColumns : p.RowB;
        Unsafe.SkipInit(out TileArguments t);
        t.RowC = p.RowC * sizeof(T);

        for (int jc = 0; jc < n; jc += blockN)
        {
            int columns = Math.Min(blockN, n - jc), tiles = Ceiling(columns, TileColumns);
            bool directA = tiles <= GemmBlocking.DirectColumnPanels || taps > 1 || (rowsOfA && p.RowA * sizeof(T) % GemmBlocking.AliasBytes != 0);
            for (int pc = 0; pc < p.K; pc += blockK)
            {
                int k = Math.Min(blockK, p.K - pc);
                T* b = packedB ? p.B + (j0 + jc) / TileColumns * p.PanelB + pc * TileColumns : p.B + pc * p.RowB + (j0 + jc) * p.ColB;
                nint nextTile = packedB ? p.PanelB : TileColumns;
                t.RowB = rowB * sizeof(T);
                if (!directB)
                {
                    T* packed = (T*)GemmWorkspace.Columns;
                    GemmPacking<T, V, S>.PackColumns(b, p.RowB, p.ColB, k, columns, packed);
                    b = packed;
                    nextTile = (nint)k * TileColumns;
                    t.RowB = TileColumns * sizeof(T);
                }

                t.K = k;
                t.Accumulate = pc > 0 || p.Accumulate;
                bool last = pc + k == p.K;
                t.Limits = last && limits ? (byte*)limit : null;
                T* bias = pc == 0 && p.Bias != null ? p.Bias + j0 + jc : null;
                bool columnsFirst = packedB && directA && panels <= GemmBlocking.ColumnsFirstPanels;
                for (int q = 0, j = 0; q < panels && j < tiles; Next(ref q, panels, ref j, tiles, columnsFirst))
                {
                    int i = i0 + q * low + Math.Min(q, higher), rows = q < higher ? low + 1 : low, width = Math.Min(TileColumns, columns - j * TileColumns);
                    T* a = p.A + i * p.RowA + pc * p.ColA, c = p.C + i * p.RowC + j0 + jc;
                    if (directA) SetA(ref t, a, p.RowA, p.ColA);
                    else if (j == 0) PackA(ref t, a, p.RowA, p.ColA, rows, k);

                    T* nextA = q + 1 < panels ? a + rows * p.RowA : a;
                    t.B = (byte*)(b + j * nextTile);
                    t.C = (byte*)(c + j * TileColumns);
                    t.RowBias = startsWithRows && pc == 0 ? (byte*)(p.RowBias + i) : null;
                    t.Bias = bias == null ? null : (byte*)(bias + j * TileColumns);
                    t.Taps = taps;
                    (t.NextA, t.NextB, t.NextAhead) = ((p.TapA - k * p.ColA) * sizeof(T), (p.TapB - k * rowB) * sizeof(T), -k * rowB * sizeof(T));
                    if (columnsFirst) Ahead(ref t, (j + 1 < tiles ? (T*)t.B + nextTile : b + p.StepB) + (nint)k * q / panels * rowB, rowB / panels, S.Count);
                    else if (directB && (q == 0 || taps > 1) && j + 1 < tiles) Ahead(ref t, (T*)t.B + nextTile, rowB, S.Count);
                    else if (taps > 1) Ahead(ref t, (T*)t.B, rowB, 0);
                    else if (rowsOfA && 2 * j < rows) Ahead(ref t, nextA + 2 * j * p.RowA, 1, p.RowA);
                    else if (columnsOfA && j == 0) Ahead(ref t, nextA, p.ColA, rows - 1);
                    else Ahead(ref t, (T*)t.B, 0, 0);
                    GemmTiles<T, V, S>.For(rows, width, ref t)(&t);
                    if (!last || finish == null) continue;
                    T* addend = p.Addend == null ? null : p.Addend + i * p.RowC + j0 + jc + j * TileColumns;
                    finish((T*)t.C, p.RowC, rows, width, p.RowBias == null || startsWithRows ? null : p.RowBias + i, addend);
                }
            }
        }
    }

    /// <summary>K in equal blocks of about <see cref="GemmBlocking.RowBytes"/>, or shorter on demand. Depends on K and the demand alone, and so do the sums.</summary>
    private static int BlockK(int k, int chain)
    {
        int most = GemmBlocking.RowBytes / sizeof(T) * 5 / 4;
        if (chain > 0) most = Math.Min(most, chain);
        return k <= most ? k : Ceiling(Ceiling(k, Ceiling(k, most)), 8) * 8;
    }

    /// <summary>The next tile: along a row of tiles, or down a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Next(ref int q, int panels, ref int j, int tiles, bool columnsFirst)
    {
        if (columnsFirst)
        {
            if (++q < panels) return;
            q = 0;
            j++;
        }
        else
        {
            if (++j < tiles) return;
            j = 0;
            q++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Ceiling(int a, int b) => (int)(((uint)a + (uint)b - 1) / (uint)b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetA(ref TileArguments t, T* a, nint rowA, nint colA)
    {
        t.A = (byte*)a;
        t.RowA = rowA * sizeof(T);
        t.ColA = colA * sizeof(T);
    }

    private static void PackA(ref TileArguments t, T* a, nint rowA, nint colA, int rows, int k)
    {
        T* packed = (T*)GemmWorkspace.Rows;
        if (rowA == 1 && colA != 1)
        {
            GemmPacking<T, V, S>.PackRowsOfTransposed(a, colA, rows, k, packed, GemmTiles<T, V, S>.MaxRows);
            SetA(ref t, packed, 1, GemmTiles<T, V, S>.MaxRows);
        }
        else
        {
            nint row = Ceiling(k, S.Count) * S.Count + GemmBlocking.RowPadding / sizeof(T);
            GemmPacking<T, V, S>.PackRows(a, rowA, colA, rows, k, packed, row);
            SetA(ref t, packed, row, 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ahead(ref TileArguments t, T* line, nint step, nint pair)
    {
        t.Ahead = (byte*)line;
        t.AheadStep = step * sizeof(T);
        t.AheadPair = pair * sizeof(T);
    }
}
