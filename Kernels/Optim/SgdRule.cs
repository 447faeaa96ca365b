using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Stochastic gradient descent. With d = g + λx: without momentum x ← x − αd; with momentum b ← μb + d and x ← x − αb, or
/// x ← x − α(d + μb) in Nesterov's form (Sutskever et al., 2013, as rewritten to look ahead from x itself). b starts as zeros.
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Momentum">μ; 0 needs no state.</param>
/// <param name="Nesterov">Look ahead.</param>
/// <param name="WeightDecay">λ.</param>
public readonly record struct SgdRule(double Rate, double Momentum = 0, bool Nesterov = false, double WeightDecay = 0) : IUpdateRule<SgdRule>
{
    void IPieceWork.Run<T, V, S>(in Piece piece, long from, long n, int block)
    {
        InlineArray8<V> numbers = UpdateFormula.Numbers<SgdRule, T, V, S>(this, piece);
        if (Momentum == 0) UpdateLoop<T, V, S>.Run(new Plain<T, V, S>(this, numbers), piece, from, n);
        else UpdateLoop<T, V, S>.Run(new WithMomentum<T, V, S>(this, numbers), piece, from, n);
    }

    int IUpdateRule<SgdRule>.Operands => Momentum == 0 ? 2 : 3;

    SgdRule IUpdateRule<SgdRule>.Kind => new(1, Momentum == 0 ? 0 : 1, Momentum != 0 && Nesterov, WeightDecay == 0 ? 0 : 1);

    void IUpdateRule<SgdRule>.GetNumbers(in Piece piece, Span<double> numbers) => (numbers[0], numbers[1], numbers[2]) = (-Rate, WeightDecay, Momentum);

    string IUpdateRule<SgdRule>.Write<T>()
    {
        SgdRule rule = this;
        return Momentum == 0 ? UpdateFormula.Write<Plain<T, Symbol, SymbolicSimd<T>>>(numbers => new(rule, numbers))
            : UpdateFormula.Write<WithMomentum<T, Symbol, SymbolicSimd<T>>>(numbers => new(rule, numbers));
    }

    private readonly struct Plain<T, V, S>(in SgdRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _minusRate = numbers[0], _decay = numbers[1];
        private readonly bool _decays = rule.WeightDecay != 0;

        public static int Operands => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second)
        {
            if (_decays) g = S.MultiplyAdd(_decay, x, g);
            x = S.MultiplyAdd(_minusRate, g, x);
        }
    }

    private readonly struct WithMomentum<T, V, S>(in SgdRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _minusRate = numbers[0], _decay = numbers[1], _momentum = numbers[2];
        private readonly bool _decays = rule.WeightDecay != 0, _nesterov = rule.Nesterov;

        public static int Operands => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second)
        {
            if (_decays) g = S.MultiplyAdd(_decay, x, g);
            first = S.MultiplyAdd(_momentum, first, g);
            x = S.MultiplyAdd(_minusRate, _nesterov ? S.MultiplyAdd(_momentum, first, g) : first, x);
        }
    }
}
