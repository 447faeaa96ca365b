using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>A change of tensors in place that is one formula for every element: on the CPU a loop, on GPUs a kernel written out from the same formula.</summary>
/// <typeparam name="TSelf">The rule.</typeparam>
internal interface IUpdateRule<TSelf> where TSelf : struct, IUpdateRule<TSelf>
{
    /// <summary>What error messages call it.</summary>
    static abstract string Name { get; }

    /// <summary>1: x only; 2: and a gradient; 3 to 5: and one to three states.</summary>
    int Operands { get; }

    /// <summary>The rule with the same formula whose numbers say nothing: what kernels differ in.</summary>
    TSelf Kind { get; }

    /// <summary>The numbers of the formula, at most <see cref="UpdateFormula.MostNumbers"/>, for a parameter's update number <paramref name="step"/>, from 1.</summary>
    void GetNumbers(long step, Span<double> numbers);

    /// <summary>Shows the visitor the formula with the given numbers.</summary>
    void Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> where TVisitor : struct, IUpdateVisitor<V>;
}

/// <summary>What is done with a formula.</summary>
internal interface IUpdateVisitor<V> where V : struct
{
    void Visit<TUpdate>(in TUpdate update) where TUpdate : struct, IElementUpdate<V>;
}

/// <summary>How many states a formula has, where its options decide it.</summary>
internal interface IStateCount
{
    static abstract int Count { get; }
}

internal readonly struct OneState : IStateCount
{
    public static int Count => 1;
}

internal readonly struct TwoStates : IStateCount
{
    public static int Count => 2;
}

internal readonly struct ThreeStates : IStateCount
{
    public static int Count => 3;
}

/// <summary>The source of an <see cref="IUpdateRule{TSelf}"/>.</summary>
internal static class UpdateFormula
{
    public const int MostNumbers = 8;

    /// <summary>The number that a trust ratio takes the place of: the last.</summary>
    public const int TrustNumber = MostNumbers - 1;

    /// <summary><c>Updated update(REAL x, REAL g, REAL first, REAL second, REAL third, REAL n0, …, REAL n7)</c>.</summary>
    public static string Write<TRule, T>(TRule rule) where TRule : struct, IUpdateRule<TRule> where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => Formula.WriteMany("update", "Updated", ["x", "g", "first", "second", "third", .. Enumerable.Range(0, MostNumbers).Select(i => $"n{i}")],
            ["x", "first", "second", "third"], symbols =>
            {
                InlineArray8<Symbol> numbers = default;
                for (int i = 0; i < MostNumbers; i++) numbers[i] = symbols[5 + i];
                Writer writer = new(symbols);
                rule.Accept<T, Symbol, SymbolicSimd<T>, Writer>(numbers, ref writer);
                return writer.Results;
            });

    private struct Writer(Symbol[] symbols) : IUpdateVisitor<Symbol>
    {
        public Symbol[] Results = [];

        public void Visit<TUpdate>(in TUpdate update) where TUpdate : struct, IElementUpdate<Symbol>
        {
            Symbol x = symbols[0], first = symbols[2], second = symbols[3], third = symbols[4];
            update.Apply(ref x, symbols[1], ref first, ref second, ref third);
            Results = [x, first, second, third];
        }
    }
}
