using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Products of few rows or few columns whose operands both run along K (A by rows, B by columns): dot products with the lanes along K,
/// 4 rows by 5 columns at a time. No packing, no idle lanes. At the edges the last row or column is repeated rather than branched on.
/// </summary>
internal static unsafe class DotProduct<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 4;

    /// <summary>Columns of a tile.</summary>
    public const int TileColumns = 5;

    // A register tile of fewer rows takes as long: its sums wait for each other.
    private const int LatencyRows = 4;

    /// <summary>
    /// Whether this is the way for <paramref name="p"/>: adding up the lanes of each sum must cost less than preparing B for register
    /// tiles that stay narrow. B of few columns stored by rows is turned first, if it fits.
    /// </summary>
    public static bool Fits(in GemmArguments<T> p)
    {
        if (p.ColA != 1 || p.K < 2 * S.Count || (p.M > GemmBlocking.DotsLimit && p.N > GemmBlocking.DotsLimit)) return false;
        bool turn = p.RowB != 1;
        if (turn && (p.ColB != 1 || p.N > GemmBlocking.DotsLimit || TurnedColumn(p.K) * (p.N + S.Count) > GemmWorkspace.ColumnBytes / sizeof(T)))
            return false;

        double elementsOfB = (double)p.K * p.N, vectors = (p.N + S.Count - 1) / S.Count;
        double dots = (double)p.M * p.N * ((double)p.K / S.Count + GemmBlocking.LanesCost) + (turn ? GemmBlocking.GatherCost * elementsOfB : 0);
        double blocks = Math.Max(p.M, LatencyRows) * vectors * p.K + (turn ? 0 : GemmBlocking.TurnCost * elementsOfB);
        return dots < blocks;
    }

    /// <summary>Computes rows i0..i0+m-1 and columns j0..j0+n-1 of C.</summary>
    public static void Run(ref GemmArguments<T> p, int i0, int m, int j0, int n)
    {
        T* b = p.B + j0 * p.ColB;
        nint colB = p.ColB;
        if (p.RowB != 1)
        {
            T* turned = (T*)GemmWorkspace.Columns;
            colB = TurnedColumn(p.K);
            Turn(b, p.RowB, p.K, n, turned, colB);
            b = turned;
        }

        T* bias = stackalloc T[TileColumns];
        T* c = p.C + i0 * p.RowC + j0;
        for (int j = 0; j < n; j += TileColumns)
        {
            int columns = Math.Min(TileColumns, n - j);
            for (int x = 0; x < columns; x++) bias[x] = p.Bias != null ? p.Bias[j0 + j + x] : default;
            for (int i = 0; i < m; i += TileRows)
            {
                Tile(p.K, p.A + (i0 + i) * p.RowA, p.RowA, Math.Min(TileRows, m - i), b + j * colB, colB, columns,
                    c + i * p.RowC + j, p.RowC, bias, p.Accumulate);
            }
        }

        delegate*<T*, nint, int, int, T*, T*, void> finish = GemmFinish<T, V, S>.For(p);
        if (finish != null) finish(c, p.RowC, m, n, p.RowBias == null ? null : p.RowBias + i0, p.Addend == null ? null : p.Addend + i0 * p.RowC + j0);
    }

    /// <summary>Distance of turned columns: whole cache lines, one vector to spare.</summary>
    private static nint TurnedColumn(int k) => ((nint)k + 63) / 64 * 64 + S.Count;

    /// <summary>B [k, n], n small and stored by rows: brings each column together.</summary>
    private static void Turn(T* b, nint rowB, int k, int n, T* to, nint colTo)
    {
        for (int j = 0; j < n; j += S.Count)
            for (int p = 0; p < k; p += S.Count)
            {
                int rows = Math.Min(S.Count, k - p), columns = Math.Min(S.Count, n - j);
                GemmPacking<T, V, S>.TransposePart(b + p * rowB + j, rowB, rows, columns, to + j * colTo + p, colTo);
            }
    }

    [MethodImpl(HotLoop.Options)]
    private static void Tile(int k, T* a0, nint rowA, int rows, T* b0, nint colB, int columns, T* c, nint rowC, T* bias, bool add)
    {
        T* a1 = a0 + Math.Min(1, rows - 1) * rowA, a2 = a0 + Math.Min(2, rows - 1) * rowA, a3 = a0 + (rows - 1) * rowA;
        T* b1 = b0 + Math.Min(1, columns - 1) * colB, b2 = b0 + Math.Min(2, columns - 1) * colB;
        T* b3 = b0 + Math.Min(3, columns - 1) * colB, b4 = b0 + (columns - 1) * colB;
        Sums s0 = default, s1 = default, s2 = default, s3 = default, s4 = default;       // one per column
        int whole = k - k % S.Count, rest = k - whole;
        for (nint p = 0; p < whole; p += S.Count)
        {
            V x0 = S.Load(a0 + p), x1 = S.Load(a1 + p), x2 = S.Load(a2 + p), x3 = S.Load(a3 + p);
            s0.Add(x0, x1, x2, x3, S.Load(b0 + p));
            s1.Add(x0, x1, x2, x3, S.Load(b1 + p));
            s2.Add(x0, x1, x2, x3, S.Load(b2 + p));
            s3.Add(x0, x1, x2, x3, S.Load(b3 + p));
            s4.Add(x0, x1, x2, x3, S.Load(b4 + p));
        }

        if (rest != 0)
        {
            nint p = whole;
            V x0 = S.LoadPart(a0 + p, rest), x1 = S.LoadPart(a1 + p, rest), x2 = S.LoadPart(a2 + p, rest), x3 = S.LoadPart(a3 + p, rest);
            s0.Add(x0, x1, x2, x3, S.LoadPart(b0 + p, rest));
            s1.Add(x0, x1, x2, x3, S.LoadPart(b1 + p, rest));
            s2.Add(x0, x1, x2, x3, S.LoadPart(b2 + p, rest));
            s3.Add(x0, x1, x2, x3, S.LoadPart(b3 + p, rest));
            s4.Add(x0, x1, x2, x3, S.LoadPart(b4 + p, rest));
        }

        s0.Put(c, rowC, rows, bias[0], add);
        if (columns > 1) s1.Put(c + 1, rowC, rows, bias[1], add);
        if (columns > 2) s2.Put(c + 2, rowC, rows, bias[2], add);
        if (columns > 3) s3.Put(c + 3, rowC, rows, bias[3], add);
        if (columns > 4) s4.Put(c + 4, rowC, rows, bias[4], add);
    }

    /// <summary>One column's sums, lane by lane along K.</summary>
    private struct Sums
    {
        public V Row0, Row1, Row2, Row3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(V a0, V a1, V a2, V a3, V b)
        {
            Row0 = S.MultiplyAdd(a0, b, Row0);
            Row1 = S.MultiplyAdd(a1, b, Row1);
            Row2 = S.MultiplyAdd(a2, b, Row2);
            Row3 = S.MultiplyAdd(a3, b, Row3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Put(T* c, nint rowC, int rows, T bias, bool add)
        {
            Put(c, Row0, bias, add);
            if (rows > 1) Put(c + rowC, Row1, bias, add);
            if (rows > 2) Put(c + 2 * rowC, Row2, bias, add);
            if (rows > 3) Put(c + 3 * rowC, Row3, bias, add);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put(T* c, V sum, T bias, bool add)
        {
            T value = S.Sum(sum) + bias;
            *c = add ? *c + value : value;
        }
    }
}
