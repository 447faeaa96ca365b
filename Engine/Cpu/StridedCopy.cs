namespace Gradwright;

/// <summary>Copies between a strided layout and row-major memory, for any element size.</summary>
internal static unsafe class StridedCopy
{
    public static void Gather(byte* source, Layout layout, int size, byte* destination)
    {
        if (layout.IsContiguous) Buffer.MemoryCopy(source + layout.Offset * size, destination, layout.Count * size, layout.Count * size);
        else Dispatch(source + layout.Offset * size, layout, size, destination, gather: true);
    }

    public static void Scatter(byte* source, byte* destination, Layout layout, int size)
    {
        if (layout.IsContiguous) Buffer.MemoryCopy(source, destination + layout.Offset * size, layout.Count * size, layout.Count * size);
        else Dispatch(destination + layout.Offset * size, layout, size, source, gather: false);
    }

    private static void Dispatch(byte* strided, Layout layout, int size, byte* packed, bool gather)
    {
        if (layout.Count == 0) return;
        switch (size)
        {
            case 1: Walk(strided, layout.Shape.Span, layout.Strides, ref packed, gather); break;
            case 2: Walk((ushort*)strided, layout.Shape.Span, layout.Strides, ref *(ushort**)&packed, gather); break;
            case 4: Walk((uint*)strided, layout.Shape.Span, layout.Strides, ref *(uint**)&packed, gather); break;
            default: Walk((ulong*)strided, layout.Shape.Span, layout.Strides, ref *(ulong**)&packed, gather); break;
        }
    }

    private static void Walk<T>(T* strided, ReadOnlySpan<long> lengths, ReadOnlySpan<long> strides, ref T* packed, bool gather) where T : unmanaged
    {
        if (lengths.Length > 1)
        {
            for (long i = 0; i < lengths[0]; i++) Walk(strided + i * strides[0], lengths[1..], strides[1..], ref packed, gather);
            return;
        }

        long n = lengths.Length == 0 ? 1 : lengths[0], step = lengths.Length == 0 ? 0 : strides[0];
        T* p = packed;
        if (gather) for (long i = 0; i < n; i++) p[i] = strided[i * step];
        else for (long i = 0; i < n; i++) strided[i * step] = p[i];
        packed = p + n;
    }
}
