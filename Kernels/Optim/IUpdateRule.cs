using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A change of tensors in place that is one formula for every element: on the CPU a loop, on GPUs a kernel written out from the same formula.</summary>
/// <typeparam name="TSelf">The rule.</typeparam>
internal interface IUpdateRule<TSelf> : IPieceWork where TSelf : struct, IUpdateRule<TSelf>
{
    /// <summary>1: x only; 2: and a gradient; 3 and 4: and one or two states.</summary>
    int Operands { get; }

    /// <summary>The rule with the same formula whose numbers say nothing: what kernels differ in.</summary>
    TSelf Kind { get; }

    /// <summary>The numbers of the formula, at most <see cref="UpdateFormula.MostNumbers"/>, for one tensor.</summary>
    void GetNumbers(in Piece piece, Span<double> numbers);

    /// <summary>The formula as source, by <see cref="UpdateFormula.Write"/>.</summary>
    string Write<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}

/// <summary>The numbers and the source of an <see cref="IUpdateRule{TSelf}"/>.</summary>
internal static class UpdateFormula
{
    public const int MostNumbers = 8;

    /// <summary>The rule's numbers as registers.</summary>
    public static InlineArray8<V> Numbers<TRule, T, V, S>(in TRule rule, in Piece piece)
        where TRule : struct, IUpdateRule<TRule> where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        Span<double> numbers = stackalloc double[MostNumbers];
        numbers.Clear();
        rule.GetNumbers(piece, numbers);
        InlineArray8<V> registers = default;
        for (int i = 0; i < MostNumbers; i++) registers[i] = S.Constant(numbers[i]);
        return registers;
    }

    /// <summary><c>Updated update(REAL x, REAL g, REAL first, REAL second, REAL n0, …, REAL n7)</c>.</summary>
    /// <param name="make">The formula with the given numbers.</param>
    public static string Write<TUpdate>(Func<InlineArray8<Symbol>, TUpdate> make) where TUpdate : struct, IElementUpdate<Symbol>
        => Formula.WriteMany("update", "Updated", ["x", "g", "first", "second", .. Enumerable.Range(0, MostNumbers).Select(i => $"n{i}")], ["x", "first", "second"], symbols =>
        {
            InlineArray8<Symbol> numbers = default;
            for (int i = 0; i < MostNumbers; i++) numbers[i] = symbols[4 + i];
            TUpdate update = make(numbers);
            Symbol x = symbols[0], first = symbols[2], second = symbols[3];
            update.Apply(ref x, symbols[1], ref first, ref second);
            return [x, first, second];
        });
}
