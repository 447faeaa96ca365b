using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>One register tile, C [rows, up to 2 vectors] (+)= A · B. Strides are in bytes, as address modes want them.</summary>
internal unsafe struct TileArguments
{
    public nint K;                  // at least 1
    public byte* A;
    public nint RowA, ColA;         // any
    public byte* B;
    public nint RowB;               // columns of B are contiguous
    public byte* C;
    public nint RowC;
    public byte* Bias;              // where the sums start, or null for zero
    public byte* RowBias;           // the same with one number per row, which comes before Bias
    public byte* Limits;            // two numbers between which C is kept at last, or null
    public byte* Ahead;             // wanted soon: two lines are prefetched per step of K, AheadPair apart
    public nint AheadStep, AheadPair;
    public int Tail;                // lanes of the last vector, where it is not whole
    public int Taps;                // groups of K terms, at least 1
    public nint NextA, NextB, NextAhead;        // from where one group of A, B and what is wanted ends to where the next one begins
    public nint Rest;               // the kernel's own: steps of K in its later groups
    public bool Accumulate;         // adds to C
}

/// <summary>Rows of a tile, as a constant of the specialised code.</summary>
internal interface IRows
{
    static abstract int Count { get; }
}

internal readonly struct Rows1 : IRows { public static int Count => 1; }
internal readonly struct Rows2 : IRows { public static int Count => 2; }
internal readonly struct Rows3 : IRows { public static int Count => 3; }
internal readonly struct Rows4 : IRows { public static int Count => 4; }
internal readonly struct Rows5 : IRows { public static int Count => 5; }
internal readonly struct Rows6 : IRows { public static int Count => 6; }
internal readonly struct Rows7 : IRows { public static int Count => 7; }
internal readonly struct Rows8 : IRows { public static int Count => 8; }
internal readonly struct Rows9 : IRows { public static int Count => 9; }
internal readonly struct Rows10 : IRows { public static int Count => 10; }
internal readonly struct Rows11 : IRows { public static int Count => 11; }
internal readonly struct Rows12 : IRows { public static int Count => 12; }

/// <summary>Width of a tile: one or two vectors, the last one whole or in part.</summary>
internal interface IWidth
{
    static abstract bool Two { get; }
    static abstract bool Part { get; }
}

internal readonly struct One : IWidth { public static bool Two => false; public static bool Part => false; }
internal readonly struct OnePart : IWidth { public static bool Two => false; public static bool Part => true; }
internal readonly struct Two : IWidth { static bool IWidth.Two => true; public static bool Part => false; }
internal readonly struct TwoPart : IWidth { public static bool Two => true; public static bool Part => true; }

/// <summary>
/// The register kernel of every matrix product: all tile sizes, element types and vector widths come from this source. Each step of K
/// loads two vectors of B and broadcasts one element of A per row; with 32 registers 12 rows keep 24 sums in registers, with 16 6 keep 12.
/// </summary>
internal static unsafe class GemmTile<T, V, S, R, W>
    where T : unmanaged where V : struct where S : struct, ISimd<T, V> where R : struct, IRows where W : struct, IWidth
{
    [MethodImpl(HotLoop.Options)]
    public static void Run(TileArguments* arguments)
    {
        ref TileArguments t = ref *arguments;
        nint k = t.K, row = t.RowA, row2 = 2 * row, column = t.ColA, rowB = t.RowB, step = t.AheadStep, pair = t.AheadPair;
        byte* b = t.B, ahead = t.Ahead;
        byte* a0 = t.A, a3 = a0 + 3 * row, a6 = a0 + 6 * row, a9 = a0 + 9 * row;     // rows 0, 3, 6, 9 reach the others with row and row2
        int tail = t.Tail;

        Sums start = default;
        if (t.Bias != null) start = new Sums { First = First(t.Bias, tail), Second = Second(t.Bias, tail) };
        Sums s0 = start, s1 = start, s2 = start, s3 = start, s4 = start, s5 = start;
        Sums s6 = start, s7 = start, s8 = start, s9 = start, s10 = start, s11 = start;

        if (t.RowBias != null)
        {
            byte* rows = t.RowBias;
            s0 = Start(rows);
            if (R.Count > 1) s1 = Start(rows + sizeof(T));
            if (R.Count > 2) s2 = Start(rows + 2 * sizeof(T));
            if (R.Count > 3) s3 = Start(rows + 3 * sizeof(T));
            if (R.Count > 4) s4 = Start(rows + 4 * sizeof(T));
            if (R.Count > 5) s5 = Start(rows + 5 * sizeof(T));
            if (R.Count > 6) s6 = Start(rows + 6 * sizeof(T));
            if (R.Count > 7) s7 = Start(rows + 7 * sizeof(T));
            if (R.Count > 8) s8 = Start(rows + 8 * sizeof(T));
            if (R.Count > 9) s9 = Start(rows + 9 * sizeof(T));
            if (R.Count > 10) s10 = Start(rows + 10 * sizeof(T));
            if (R.Count > 11) s11 = Start(rows + 11 * sizeof(T));
        }

        // The last steps of a single long group are a group of their own: before the last group C is fetched.
        t.Rest = k;
        if (t.Taps == 1 && k > GemmBlocking.FetchTail + 8)
        {
            t.Rest = GemmBlocking.FetchTail;
            k -= t.Rest;
            t.Taps = 2;
            t.NextA = t.NextB = t.NextAhead = 0;
        }

        if (t.Taps == 1) Fetch(t.C, t.RowC);
        for (; ; )
        {
            do
            {
                V b0 = First(b, tail), b1 = Second(b, tail);
                if (Sse.IsSupported)
                {
                    Sse.Prefetch0(ahead);
                    Sse.Prefetch0(ahead + pair);
                }

                b += rowB;
                ahead += step;
                s0.Add(a0, b0, b1);
                if (R.Count > 1) s1.Add(a0 + row, b0, b1);
                if (R.Count > 2) s2.Add(a0 + row2, b0, b1);
                if (R.Count > 3) s3.Add(a3, b0, b1);
                if (R.Count > 4) s4.Add(a3 + row, b0, b1);
                if (R.Count > 5) s5.Add(a3 + row2, b0, b1);
                if (R.Count > 6) s6.Add(a6, b0, b1);
                if (R.Count > 7) s7.Add(a6 + row, b0, b1);
                if (R.Count > 8) s8.Add(a6 + row2, b0, b1);
                if (R.Count > 9) s9.Add(a9, b0, b1);
                if (R.Count > 10) s10.Add(a9 + row, b0, b1);
                if (R.Count > 11) s11.Add(a9 + row2, b0, b1);
                a0 += column;
                if (R.Count > 3) a3 += column;
                if (R.Count > 6) a6 += column;
                if (R.Count > 9) a9 += column;
            }
            while (--k != 0);

            if (--t.Taps == 0) break;
            if (t.Taps == 1) Fetch(t.C, t.RowC);
            k = t.Rest;
            b += t.NextB;
            ahead += t.NextAhead;
            nint next = t.NextA;
            a0 += next;
            if (R.Count > 3) a3 += next;
            if (R.Count > 6) a6 += next;
            if (R.Count > 9) a9 += next;
        }

        bool add = t.Accumulate, limit = t.Limits != null;
        V low = default, high = default;
        if (limit)
        {
            low = S.Broadcast(*(T*)t.Limits);
            high = S.Broadcast(((T*)t.Limits)[1]);
        }

        byte* c = t.C;
        nint rowC = t.RowC;
        s0.Put(c, add, limit, low, high, tail);
        if (R.Count > 1) s1.Put(c + rowC, add, limit, low, high, tail);
        if (R.Count > 2) s2.Put(c + 2 * rowC, add, limit, low, high, tail);
        if (R.Count > 3) s3.Put(c + 3 * rowC, add, limit, low, high, tail);
        if (R.Count > 4) s4.Put(c + 4 * rowC, add, limit, low, high, tail);
        if (R.Count > 5) s5.Put(c + 5 * rowC, add, limit, low, high, tail);
        if (R.Count > 6) s6.Put(c + 6 * rowC, add, limit, low, high, tail);
        if (R.Count > 7) s7.Put(c + 7 * rowC, add, limit, low, high, tail);
        if (R.Count > 8) s8.Put(c + 8 * rowC, add, limit, low, high, tail);
        if (R.Count > 9) s9.Put(c + 9 * rowC, add, limit, low, high, tail);
        if (R.Count > 10) s10.Put(c + 10 * rowC, add, limit, low, high, tail);
        if (R.Count > 11) s11.Put(c + 11 * rowC, add, limit, low, high, tail);
    }

    private static int VectorBytes { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => S.Count * sizeof(T); }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V First(byte* p, int tail) => W.Part && !W.Two ? S.LoadPart((T*)p, tail) : S.Load((T*)p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Second(byte* p, int tail)
    {
        if (!W.Two) return default;
        return W.Part ? S.LoadPart((T*)(p + VectorBytes), tail) : S.Load((T*)(p + VectorBytes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Sums Start(byte* row)
    {
        V value = S.Broadcast(*(T*)row);
        return new Sums { First = value, Second = value };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch(byte* c, nint rowC)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < R.Count; i++, c += rowC)
        {
            Sse.Prefetch0(c);
            if (W.Two) Sse.Prefetch0(c + VectorBytes);
        }
    }

    /// <summary>One row's sums.</summary>
    private struct Sums
    {
        public V First, Second;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(byte* a, V b0, V b1)
        {
            V x = S.Broadcast(*(T*)a);
            First = S.MultiplyAdd(x, b0, First);
            if (W.Two) Second = S.MultiplyAdd(x, b1, Second);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Put(byte* c, bool add, bool limit, V low, V high, int tail)
        {
            V first = First, second = Second;
            if (add)
            {
                first = S.Add(first, GemmTile<T, V, S, R, W>.First(c, tail));
                if (W.Two) second = S.Add(second, GemmTile<T, V, S, R, W>.Second(c, tail));
            }

            if (limit)
            {
                first = S.Min(S.Max(first, low), high);
                if (W.Two) second = S.Min(S.Max(second, low), high);
            }

            if (W.Part && !W.Two) S.StorePart((T*)c, tail, first);
            else S.Store((T*)c, first);
            if (!W.Two) return;
            if (W.Part) S.StorePart((T*)(c + VectorBytes), tail, second);
            else S.Store((T*)(c + VectorBytes), second);
        }
    }
}

/// <summary>The register kernels of one vector shape, compiled as they are first called.</summary>
internal static unsafe class GemmTiles<T, V, S> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Rows of a whole tile: two sums per row leave registers for B's two vectors and a broadcast.</summary>
    public static int MaxRows { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => S.Registers == 32 ? 12 : 6; }

    private static readonly delegate*<TileArguments*, void>[][] _kernels = [Row<One>(), Row<OnePart>(), Row<Two>(), Row<TwoPart>()];

    /// <summary>The kernel for 1..MaxRows rows and 1..2·Count columns; sets the tail it needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static delegate*<TileArguments*, void> For(int rows, int columns, ref TileArguments t)
    {
        int two = columns > S.Count ? 1 : 0;
        t.Tail = columns - two * S.Count;
        int part = t.Tail < S.Count ? 1 : 0;
        return _kernels[2 * two + part][rows - 1];
    }

    private static delegate*<TileArguments*, void>[] Row<W>() where W : struct, IWidth =>
    [
        &GemmTile<T, V, S, Rows1, W>.Run, &GemmTile<T, V, S, Rows2, W>.Run, &GemmTile<T, V, S, Rows3, W>.Run,
        &GemmTile<T, V, S, Rows4, W>.Run, &GemmTile<T, V, S, Rows5, W>.Run, &GemmTile<T, V, S, Rows6, W>.Run,
        &GemmTile<T, V, S, Rows7, W>.Run, &GemmTile<T, V, S, Rows8, W>.Run, &GemmTile<T, V, S, Rows9, W>.Run,
        &GemmTile<T, V, S, Rows10, W>.Run, &GemmTile<T, V, S, Rows11, W>.Run, &GemmTile<T, V, S, Rows12, W>.Run,
    ];
}
