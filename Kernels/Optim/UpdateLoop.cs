using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A formula that changes a register of elements and of their states.</summary>
/// <typeparam name="V">The register.</typeparam>
internal interface IElementUpdate<V> where V : struct
{
    /// <summary>1: x only; 2: and a gradient; 3 and 4: and one or two states.</summary>
    static abstract int Operands { get; }

    /// <param name="x">The elements, changed.</param>
    /// <param name="g">Their gradients.</param>
    /// <param name="first">Their first state, changed.</param>
    /// <param name="second">Their second state, changed.</param>
    void Apply(ref V x, V g, ref V first, ref V second);
}

/// <summary>The one loop of all in-place updates: bound by memory, since each number is read and written once.</summary>
internal static unsafe class UpdateLoop<T, V, S> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
{
    [MethodImpl(HotLoop.Options)]
    public static void Run<TUpdate>(in TUpdate formula, in Piece piece, long from, long n) where TUpdate : struct, IElementUpdate<V>
    {
        TUpdate update = formula;
        T* x = (T*)piece.Lead + from, g = (T*)piece.Gradient + from, first = (T*)piece.First + from, second = (T*)piece.Second + from;
        long i = 0;
        for (; i <= n - S.Count; i += S.Count) Move(ref update, x + i, g + i, first + i, second + i, S.Count);
        if (i < n) Move(ref update, x + i, g + i, first + i, second + i, (int)(n - i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TUpdate>(ref TUpdate update, T* x, T* g, T* first, T* second, int lanes) where TUpdate : struct, IElementUpdate<V>
    {
        V a = Load(x, lanes);
        V b = TUpdate.Operands > 1 ? Load(g, lanes) : default;
        V c = TUpdate.Operands > 2 ? Load(first, lanes) : default;
        V d = TUpdate.Operands > 3 ? Load(second, lanes) : default;
        update.Apply(ref a, b, ref c, ref d);
        Store(x, lanes, a);
        if (TUpdate.Operands > 2) Store(first, lanes, c);
        if (TUpdate.Operands > 3) Store(second, lanes, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(T* address, int lanes) => lanes == S.Count ? S.Load(address) : S.LoadPart(address, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* address, int lanes, V value)
    {
        if (lanes == S.Count) S.Store(address, value);
        else S.StorePart(address, lanes, value);
    }
}
