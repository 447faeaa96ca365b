using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gradwright.Kernels;

/// <summary>What a thread needs to pool a strip of rows: their plane, where a window's elements lie in it, how many count, positions as numbers of type T, and room for results.</summary>
internal readonly unsafe struct PoolWorkspace<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    public readonly nint* Offsets;
    public readonly T* Counts, Index, Plane, Result;

    /// <param name="p">The pooling.</param>
    /// <param name="rows">Output rows of a strip.</param>
    /// <param name="averages">Whether elements are to be counted.</param>
    public PoolWorkspace(in PoolArguments p, int rows, bool averages)
    {
        WindowPlane w = p.Shape.Plane;
        int slack = S.Count;
        nint counts = w.OutputWidth + slack, index = (nint)rows * w.OutputWidth + slack, plane = (nint)w.RowsFor(rows) * w.RowLength + slack;
        Offsets = (nint*)WindowWorkspace.Rent(p.Shape.Taps * sizeof(nint) + (counts + 2 * index + plane) * sizeof(T));
        Counts = (T*)(Offsets + p.Shape.Taps);
        Index = Counts + counts;
        Plane = Index + index;
        Result = Plane + plane;
        for (int r = 0, t = 0; r < w.Vertical.Size; r++)
            for (int s = 0; s < w.Horizontal.Size; s++) Offsets[t++] = w.Tap(r, s);
        if (!averages) return;
        for (int j = 0; j < counts; j++) Counts[j] = T.CreateChecked(Counted(w.Horizontal, w.Width, Math.Min(j, w.OutputWidth - 1), p.CountsPadding));
    }

    /// <summary>How many rows of the windows in output row i count.</summary>
    public T RowCount(in PoolArguments p, int i) => T.CreateChecked(Counted(p.Shape.Plane.Vertical, p.Shape.Plane.Height, i, p.CountsPadding));

    /// <summary>Fetches the positions of output elements first..first+count-1.</summary>
    public void ReadIndex(in PoolArguments p, nint first, int count)
    {
        if (p.IndexType == DType.UInt8) Widen((byte*)p.Index + first, Index, count);
        else for (int i = 0; i < count; i++) Index[i] = T.CreateTruncating(((int*)p.Index)[first + i]);
    }

    /// <summary>Keeps the positions of output elements first..first+count-1.</summary>
    public void WriteIndex(in PoolArguments p, nint first, int count)
    {
        if (p.IndexType == DType.UInt8) Narrow(Index, (byte*)p.Index + first, count);
        else for (int i = 0; i < count; i++) ((int*)p.Index)[first + i] = int.CreateTruncating(Index[i]);
    }

    private static int Counted(Window window, int length, int position, bool countsPadding)
    {
        int border = countsPadding ? window.Padding : 0, start = position * window.Stride - window.Padding;
        return Math.Min(start + window.Size, length + border) - Math.Max(start, -border);
    }

    [MethodImpl(HotLoop.Options)]
    private static void Widen(byte* from, T* to, int n)
    {
        int i = 0;
        if (typeof(T) == typeof(float) && Vector128.IsHardwareAccelerated)
        {
            for (; i <= n - 16; i += 16)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(from + i));
                (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(low);
                (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(high);
                float* line = (float*)to + i;
                Vector128.ConvertToSingle(a.AsInt32()).Store(line);
                Vector128.ConvertToSingle(b.AsInt32()).Store(line + 4);
                Vector128.ConvertToSingle(c.AsInt32()).Store(line + 8);
                Vector128.ConvertToSingle(d.AsInt32()).Store(line + 12);
            }
        }

        for (; i < n; i++) to[i] = T.CreateTruncating(from[i]);
    }

    [MethodImpl(HotLoop.Options)]
    private static void Narrow(T* from, byte* to, int n)
    {
        int i = 0;
        if (typeof(T) == typeof(float) && Vector128.IsHardwareAccelerated)
        {
            for (; i <= n - 16; i += 16)
            {
                float* line = (float*)from + i;
                Vector128<ushort> low = Vector128.Narrow(Integers(line), Integers(line + 4)), high = Vector128.Narrow(Integers(line + 8), Integers(line + 12));
                Vector128.Narrow(low, high).Store(to + i);
            }
        }

        for (; i < n; i++) to[i] = byte.CreateTruncating(from[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Integers(float* p) => Vector128.ConvertToInt32Native(Vector128.Load(p)).AsUInt32();
}
