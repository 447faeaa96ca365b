using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>One step of a register tile: how many bytes its vectors and its factors lie behind the tile's first ones.</summary>
internal struct DirectStep
{
    public int Vector, Factor;
}

/// <summary>A register tile of at most 4 by 6 vectors, Y[f, i] = start + Σ factor[f] · vector[i] over the steps. Distances are in bytes.</summary>
internal unsafe struct DirectArguments
{
    public const int MostFactors = 4;
    private const int MostVectors = 6;

    public DirectStep* Steps;
    public nint Count;              // of the steps, at least 1
    public fixed long X[MostVectors];       // where the vectors of step 0 lie
    public byte* Factors;           // of step 0, row 0
    public nint FactorRow;
    public byte* Bias;              // a number per row of factors
    public fixed long Y[MostVectors];       // results of row 0
    public nint RowY;
    public int Lanes;               // where vectors are taken in part
    public DirectAhead Ahead;       // wanted soon: each step prefetches a line
}

/// <summary>Two stretches of memory that the next task, or the next image, will want: a cache line of them per step hides the time that they take to come.</summary>
internal unsafe struct DirectAhead
{
    private const nint Line = 64;
    private byte* _at, _next;
    private nint _lines, _nextLines;

    public DirectAhead(void* first, nint firstBytes, void* second, nint secondBytes)
    {
        _at = (byte*)first;
        _next = (byte*)second;
        _lines = firstBytes / Line;
        _nextLines = secondBytes / Line;
    }

    /// <summary>The lines for so many steps; beyond the end some of the last ones again.</summary>
    public byte* Take(nint steps)
    {
        if (_lines < steps && _nextLines > _lines)
        {
            _at = _next;
            _lines = _nextLines;
            _nextLines = 0;
        }

        byte* at = _at;
        nint lines = Math.Min(steps, _lines);
        _at += lines * Line;
        _lines -= lines;
        return at;
    }
}

/// <summary>What a tile's factors are.</summary>
internal interface IDirectFactors
{
    /// <summary>Whether they are vectors, and the tile adds to what is there; else each is one number, and the tile starts from the bias.</summary>
    static abstract bool AreVectors { get; }

    /// <summary>Whether vectors are taken in part: those that are read, if factors are vectors; else those that are stored.</summary>
    static abstract bool Part { get; }
}

internal readonly struct Numbers : IDirectFactors { public static bool AreVectors => false; public static bool Part => false; }
internal readonly struct NumbersPart : IDirectFactors { public static bool AreVectors => false; public static bool Part => true; }
internal readonly struct Vectors : IDirectFactors { public static bool AreVectors => true; public static bool Part => false; }
internal readonly struct VectorsPart : IDirectFactors { public static bool AreVectors => true; public static bool Part => true; }

/// <summary>
/// The register kernel of direct convolutions. Forward its vectors are neighbouring pixels at up to six places, its factors the same element of up to four filters, and its
/// steps the filters' elements; for the filters' gradient its vectors are what six of those elements see, its factors the result's gradient, and its steps the pixels.
/// </summary>
internal static unsafe class DirectTile<T, V, S, F, P, M>
    where T : unmanaged where V : struct where S : struct, ISimd<T, V> where F : struct, IRows where P : struct, IRows where M : struct, IDirectFactors
{
    [MethodImpl(HotLoop.Options)]
    public static void Run(DirectArguments* arguments)
    {
        ref DirectArguments t = ref *arguments;
        nint row = t.FactorRow;
        byte* factors = t.Factors;
        byte* x0 = (byte*)t.X[0], x1 = (byte*)t.X[1], x2 = (byte*)t.X[2], x3 = (byte*)t.X[3], x4 = (byte*)t.X[4], x5 = (byte*)t.X[5];
        int lanes = t.Lanes;
        DirectStep* step = t.Steps, end = step + t.Count;
        byte* ahead = t.Ahead.Take(t.Count) - 8 * (nint)step;       // a line, 64 bytes, for each step, 8 bytes
        Pair a0 = new() { First = Start(ref t, 0, 0), Second = Start(ref t, 0, 1) };
        Pair a1 = new() { First = Start(ref t, 0, 2), Second = Start(ref t, 0, 3) };
        Pair a2 = new() { First = Start(ref t, 0, 4), Second = Start(ref t, 0, 5) };
        Pair b0 = new() { First = Start(ref t, 1, 0), Second = Start(ref t, 1, 1) };
        Pair b1 = new() { First = Start(ref t, 1, 2), Second = Start(ref t, 1, 3) };
        Pair b2 = new() { First = Start(ref t, 1, 4), Second = Start(ref t, 1, 5) };
        Pair c0 = new() { First = Start(ref t, 2, 0), Second = Start(ref t, 2, 1) };
        Pair c1 = new() { First = Start(ref t, 2, 2), Second = Start(ref t, 2, 3) };
        Pair c2 = new() { First = Start(ref t, 2, 4), Second = Start(ref t, 2, 5) };
        Pair d0 = new() { First = Start(ref t, 3, 0), Second = Start(ref t, 3, 1) };
        Pair d1 = new() { First = Start(ref t, 3, 2), Second = Start(ref t, 3, 3) };
        Pair d2 = new() { First = Start(ref t, 3, 4), Second = Start(ref t, 3, 5) };
        do
        {
            if (Sse.IsSupported) Sse.Prefetch0(ahead + 8 * (nint)step);
            nint at = step->Vector;
            byte* w = factors + step->Factor;
            V v0 = Vector(x0 + at, lanes), v1 = default, v2 = default, v3 = default, v4 = default, v5 = default;
            if (P.Count > 1) v1 = Vector(x1 + at, lanes);
            if (P.Count > 2) v2 = Vector(x2 + at, lanes);
            if (P.Count > 3) v3 = Vector(x3 + at, lanes);
            if (P.Count > 4) v4 = Vector(x4 + at, lanes);
            if (P.Count > 5) v5 = Vector(x5 + at, lanes);
            V factor = Factor(w, lanes);
            a0.Add(factor, v0, v1, 0);
            a1.Add(factor, v2, v3, 2);
            a2.Add(factor, v4, v5, 4);
            if (F.Count > 1)
            {
                factor = Factor(w + row, lanes);
                b0.Add(factor, v0, v1, 0);
                b1.Add(factor, v2, v3, 2);
                b2.Add(factor, v4, v5, 4);
            }

            if (F.Count > 2)
            {
                w += 2 * row;
                factor = Factor(w, lanes);
                c0.Add(factor, v0, v1, 0);
                c1.Add(factor, v2, v3, 2);
                c2.Add(factor, v4, v5, 4);
            }

            if (F.Count > 3)
            {
                factor = Factor(w + row, lanes);
                d0.Add(factor, v0, v1, 0);
                d1.Add(factor, v2, v3, 2);
                d2.Add(factor, v4, v5, 4);
            }
        }
        while (++step != end);

        a0.Put(ref t, 0, 0);
        a1.Put(ref t, 0, 2);
        a2.Put(ref t, 0, 4);
        b0.Put(ref t, 1, 0);
        b1.Put(ref t, 1, 2);
        b2.Put(ref t, 1, 4);
        c0.Put(ref t, 2, 0);
        c1.Put(ref t, 2, 2);
        c2.Put(ref t, 2, 4);
        d0.Put(ref t, 3, 0);
        d1.Put(ref t, 3, 2);
        d2.Put(ref t, 3, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Vector(byte* at, int lanes) => M.Part ? S.LoadPart((T*)at, lanes) : S.Load((T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Factor(byte* at, int lanes) => M.AreVectors ? Vector(at, lanes) : S.Broadcast(*(T*)at);

    /// <summary>What the sum of row f and vector i starts from.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Start(ref DirectArguments t, int f, int i)
        => f >= F.Count || i >= P.Count ? default : M.AreVectors ? S.Load((T*)(t.Y[i] + f * t.RowY)) : S.Broadcast(((T*)t.Bias)[f]);

    /// <summary>Two neighbouring vectors' sums.</summary>
    private struct Pair
    {
        public V First, Second;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(V factor, V first, V second, int i)
        {
            if (P.Count > i) First = S.MultiplyAdd(factor, first, First);
            if (P.Count > i + 1) Second = S.MultiplyAdd(factor, second, Second);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Put(ref DirectArguments t, int f, int i)
        {
            if (f >= F.Count) return;
            if (P.Count > i) Store((T*)(t.Y[i] + f * t.RowY), t.Lanes, First);
            if (P.Count > i + 1) Store((T*)(t.Y[i + 1] + f * t.RowY), t.Lanes, Second);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Store(T* y, int lanes, V value)
        {
            if (M.Part && !M.AreVectors) S.StorePart(y, lanes, value);
            else S.Store(y, value);
        }
    }
}

/// <summary>The register kernels of one vector shape, compiled as they are first called.</summary>
internal static unsafe class DirectTiles<T, V, S> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Vectors of a tile: with four rows of factors their sums, the vectors and a factor fill the registers.</summary>
    public static int MostVectors { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => S.Registers == 32 ? 6 : 3; }

    private static readonly delegate*<DirectArguments*, void>[][][] _kernels = [Kernels<Numbers>(), Kernels<NumbersPart>(), Kernels<Vectors>(), Kernels<VectorsPart>()];

    /// <summary>The kernels of 1..4 rows of factors and 1..<see cref="MostVectors"/> vectors.</summary>
    public static delegate*<DirectArguments*, void>[] For(int factors, bool areVectors, bool part) => _kernels[(areVectors ? 2 : 0) + (part ? 1 : 0)][factors - 1];

    private static delegate*<DirectArguments*, void>[][] Kernels<M>() where M : struct, IDirectFactors => [Row<Rows1, M>(), Row<Rows2, M>(), Row<Rows3, M>(), Row<Rows4, M>()];

    private static delegate*<DirectArguments*, void>[] Row<F, M>() where F : struct, IRows where M : struct, IDirectFactors =>
    [
        &DirectTile<T, V, S, F, Rows1, M>.Run, &DirectTile<T, V, S, F, Rows2, M>.Run, &DirectTile<T, V, S, F, Rows3, M>.Run,
        &DirectTile<T, V, S, F, Rows4, M>.Run, &DirectTile<T, V, S, F, Rows5, M>.Run, &DirectTile<T, V, S, F, Rows6, M>.Run,
    ];
}
