using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// RMSProp (Tieleman and Hinton, 2012): with d = g + λx, v ← ρv + (1 − ρ)d² and x ← x − αd / (√v + ε). Centred (Graves, 2013) it divides by
/// √(v − m²) + ε with the mean m ← ρm + (1 − ρ)d; with momentum b ← μb + d / (…) and x ← x − αb. States: v, then m, then b, as far as they are used.
/// </summary>
/// <param name="Rate">α.</param>
/// <param name="Rho">ρ, with which the means forget.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Momentum">μ; 0 needs no b.</param>
/// <param name="Centred">Divide by the standard deviation.</param>
/// <param name="WeightDecay">λ.</param>
public readonly record struct RmsPropRule(double Rate, double Rho, double Epsilon, double Momentum = 0, bool Centred = false, double WeightDecay = 0) : IUpdateRule<RmsPropRule>
{
    static string IUpdateRule<RmsPropRule>.Name => "RmsProp";

    int IUpdateRule<RmsPropRule>.Operands => 3 + (Centred ? 1 : 0) + (Momentum == 0 ? 0 : 1);

    RmsPropRule IUpdateRule<RmsPropRule>.Kind => new(1, 0, 0, Momentum == 0 ? 0 : 1, Centred, WeightDecay == 0 ? 0 : 1);

    void IUpdateRule<RmsPropRule>.GetNumbers(long step, Span<double> numbers)
        => (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]) = (-Rate, Rho, 1 - Rho, Epsilon, Momentum, WeightDecay);

    void IUpdateRule<RmsPropRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor)
    {
        if (Centred && Momentum != 0) visitor.Visit(new Update<T, V, S, ThreeStates>(this, numbers));
        else if (Centred || Momentum != 0) visitor.Visit(new Update<T, V, S, TwoStates>(this, numbers));
        else visitor.Visit(new Update<T, V, S, OneState>(this, numbers));
    }

    private readonly struct Update<T, V, S, TStates>(in RmsPropRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V> where TStates : IStateCount
    {
        private readonly V _minusRate = numbers[0], _rho = numbers[1], _toSquare = numbers[2], _epsilon = numbers[3], _momentum = numbers[4], _decay = numbers[5], _zero = S.Constant(0);
        private readonly bool _decays = rule.WeightDecay != 0, _centred = rule.Centred;

        public static int Operands => 2 + TStates.Count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            if (_decays) g = S.MultiplyAdd(_decay, x, g);
            first = S.MultiplyAdd(S.Multiply(_toSquare, g), g, S.Multiply(_rho, first));
            V square = first;
            if (TStates.Count > 1 && _centred)
            {
                second = S.MultiplyAdd(_toSquare, S.Subtract(g, second), second);
                square = S.Max(S.Subtract(first, S.Multiply(second, second)), _zero);      // a variance is not negative, but for rounding
            }

            V step = S.Divide(g, S.Add(S.Sqrt(square), _epsilon));
            if (TStates.Count > 2) step = third = S.MultiplyAdd(_momentum, third, step);
            else if (TStates.Count > 1 && !_centred) step = second = S.MultiplyAdd(_momentum, second, step);
            x = S.MultiplyAdd(_minusRate, step, x);
        }
    }
}
