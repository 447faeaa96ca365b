using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A formula that changes a register of elements and of their states.</summary>
/// <typeparam name="V">The register.</typeparam>
internal interface IElementUpdate<V> where V : struct
{
    /// <summary>1: x only; 2: and a gradient; 3 to 5: and one to three states.</summary>
    static abstract int Operands { get; }

    /// <param name="x">The elements, changed.</param>
    /// <param name="g">Their gradients.</param>
    /// <param name="first">Their first state, changed.</param>
    /// <param name="second">Their second state, changed.</param>
    /// <param name="third">Their third state, changed.</param>
    void Apply(ref V x, V g, ref V first, ref V second, ref V third);
}

/// <summary>A rule at work on the CPU.</summary>
internal readonly struct UpdateWork<TRule>(TRule rule) : IPieceWork where TRule : struct, IUpdateRule<TRule>
{
    public void Run<T, V, S>(in Piece piece, long from, long n, int block)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        InlineArray8<V> numbers = default;
        for (int i = 0; i < UpdateFormula.MostNumbers; i++) numbers[i] = S.Constant(piece.Numbers[i]);
        UpdateLoop<T, V, S> loop = new(piece, from, n);
        rule.Accept<T, V, S, UpdateLoop<T, V, S>>(numbers, ref loop);
    }
}

/// <summary>The one loop of all in-place updates: bound by memory, since each number is read and written once.</summary>
internal unsafe struct UpdateLoop<T, V, S>(in Piece piece, long from, long n) : IUpdateVisitor<V>
    where T : unmanaged where V : struct where S : struct, ISimd<T, V>
{
    private readonly T* _x = (T*)piece.Lead + from, _g = (T*)piece.Gradient + from, _first = (T*)piece.First + from, _second = (T*)piece.Second + from, _third = (T*)piece.Third + from;
    private readonly long _count = n;

    public readonly void Visit<TUpdate>(in TUpdate update) where TUpdate : struct, IElementUpdate<V> => Run(update, _x, _g, _first, _second, _third, _count);

    [MethodImpl(HotLoop.Options)]
    private static void Run<TUpdate>(in TUpdate formula, T* x, T* g, T* first, T* second, T* third, long n) where TUpdate : struct, IElementUpdate<V>
    {
        TUpdate update = formula;
        long i = 0;
        for (; i <= n - S.Count; i += S.Count) Move(ref update, x + i, g + i, first + i, second + i, third + i, S.Count);
        if (i < n) Move(ref update, x + i, g + i, first + i, second + i, third + i, (int)(n - i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move<TUpdate>(ref TUpdate update, T* x, T* g, T* first, T* second, T* third, int lanes) where TUpdate : struct, IElementUpdate<V>
    {
        V a = Lanes.Load<T, V, S>(x, lanes);
        V b = TUpdate.Operands > 1 ? Lanes.Load<T, V, S>(g, lanes) : default;
        V c = TUpdate.Operands > 2 ? Lanes.Load<T, V, S>(first, lanes) : default;
        V d = TUpdate.Operands > 3 ? Lanes.Load<T, V, S>(second, lanes) : default;
        V e = TUpdate.Operands > 4 ? Lanes.Load<T, V, S>(third, lanes) : default;
        update.Apply(ref a, b, ref c, ref d, ref e);
        Lanes.Store<T, V, S>(x, lanes, a);
        if (TUpdate.Operands > 2) Lanes.Store<T, V, S>(first, lanes, c);
        if (TUpdate.Operands > 3) Lanes.Store<T, V, S>(second, lanes, d);
        if (TUpdate.Operands > 4) Lanes.Store<T, V, S>(third, lanes, e);
    }
}
