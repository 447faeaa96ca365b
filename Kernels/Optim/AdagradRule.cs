using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>AdaGrad (Duchi, Hazan and Singer, 2011): with d = g + λx, s ← s + d² and x ← x − αd / (√s + ε). Each element's rate falls with what it has moved through.</summary>
/// <param name="Rate">α.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ.</param>
/// <param name="Initial">What s starts with.</param>
public readonly record struct AdagradRule(double Rate, double Epsilon, double WeightDecay = 0, double Initial = 0) : IUpdateRule<AdagradRule>
{
    static string IUpdateRule<AdagradRule>.Name => "Adagrad";

    int IUpdateRule<AdagradRule>.Operands => 3;

    AdagradRule IUpdateRule<AdagradRule>.Kind => new(1, 0, WeightDecay == 0 ? 0 : 1);

    // The state is made as zeros: what it starts with joins at the first update.
    void IUpdateRule<AdagradRule>.GetNumbers(long step, Span<double> numbers) => (numbers[0], numbers[1], numbers[2], numbers[3]) = (-Rate, Epsilon, WeightDecay, step == 1 ? Initial : 0);

    void IUpdateRule<AdagradRule>.Accept<T, V, S, TVisitor>(in InlineArray8<V> numbers, ref TVisitor visitor) => visitor.Visit(new Update<T, V, S>(this, numbers));

    private readonly struct Update<T, V, S>(in AdagradRule rule, in InlineArray8<V> numbers) : IElementUpdate<V>
        where T : unmanaged where V : struct where S : struct, ISimd<T, V>
    {
        private readonly V _minusRate = numbers[0], _epsilon = numbers[1], _decay = numbers[2], _initial = numbers[3];
        private readonly bool _decays = rule.WeightDecay != 0;

        public static int Operands => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref V x, V g, ref V first, ref V second, ref V third)
        {
            if (_decays) g = S.MultiplyAdd(_decay, x, g);
            first = S.MultiplyAdd(g, g, S.Add(first, _initial));
            x = S.MultiplyAdd(_minusRate, S.Divide(g, S.Add(S.Sqrt(first), _epsilon)), x);
        }
    }
}
