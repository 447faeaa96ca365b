using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>Up to four registers that belong together: one per gate of a recurrent cell. What a cell does not have is not looked at.</summary>
/// <typeparam name="V">The register.</typeparam>
public struct Quad<V>(V a, V b, V c, V d) where V : struct
{
    /// <summary>The registers, in the order of the gates.</summary>
    public V A = a, B = b, C = c, D = d;
}

/// <summary>Quads in memory: gate k of a line of <c>hidden</c> numbers lies k lines further on.</summary>
internal static unsafe class Quads<T, V, S> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>The first <paramref name="gates"/> registers, lanes 0 .. <paramref name="lanes"/>-1 of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<V> Load(T* from, nint hidden, int gates, int lanes)
    {
        Quad<V> quad = default;
        if (gates > 0) quad.A = Lanes.Load<T, V, S>(from, lanes);
        if (gates > 1) quad.B = Lanes.Load<T, V, S>(from + hidden, lanes);
        if (gates > 2) quad.C = Lanes.Load<T, V, S>(from + 2 * hidden, lanes);
        if (gates > 3) quad.D = Lanes.Load<T, V, S>(from + 3 * hidden, lanes);
        return quad;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* to, nint hidden, int gates, int lanes, in Quad<V> quad)
    {
        if (gates > 0) Lanes.Store<T, V, S>(to, lanes, quad.A);
        if (gates > 1) Lanes.Store<T, V, S>(to + hidden, lanes, quad.B);
        if (gates > 2) Lanes.Store<T, V, S>(to + 2 * hidden, lanes, quad.C);
        if (gates > 3) Lanes.Store<T, V, S>(to + 3 * hidden, lanes, quad.D);
    }
}
