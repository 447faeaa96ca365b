using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// −t ln σ(x) − (1 − t) ln(1 − σ(x)) of a logit x: t · softplus(−x) + (1 − t) · softplus(x), which share their logarithm. It stays accurate where the loss is tiny.
/// </summary>
public readonly struct LogisticLoss : ILossKernel
{
    public static string Name => nameof(LogisticLoss);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V zero = S.Constant(0), tail = VectorMath.Log1p<T, V, S>(VectorMath.Exp<T, V, S>(S.Negate(S.Abs(x))));
        V miss = S.Add(S.Max(S.Negate(x), zero), tail), alarm = S.Add(S.Max(x, zero), tail);
        return S.Add(S.Multiply(t, miss), S.Multiply(S.Subtract(S.Constant(1), t), alarm));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        // σ(x) − t, from the tail's side where t is near 1: −σ(−x) + (1 − t) loses nothing there.
        V zero = S.Constant(0), one = S.Constant(1), positive = S.Less(zero, x);
        V tail = VectorMath.Sigmoid<T, V, S>(S.Negate(S.Abs(x)));
        return S.Select(positive, S.Subtract(S.Subtract(one, t), tail), S.Subtract(tail, t));
    }
}

/// <summary>−t ln x − (1 − t) ln(1 − x) of a probability x, each logarithm at least −100.</summary>
public readonly struct ProbabilityLoss : ILossKernel
{
    public static string Name => nameof(ProbabilityLoss);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V least = S.Constant(-100), yes = S.Max(VectorMath.Log<T, V, S>(x), least), no = S.Max(VectorMath.Log1p<T, V, S>(S.Negate(x)), least);
        return S.Negate(S.Add(S.Multiply(t, yes), S.Multiply(S.Subtract(S.Constant(1), t), no)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Divide(S.Subtract(x, t), S.Max(S.Multiply(x, S.Subtract(S.Constant(1), x)), S.Constant(1e-12)));
}

/// <summary>max(0, c − t x) of a score x with the target t = ±1 (Cortes and Vapnik 1995).</summary>
public readonly struct HingeLoss : ILossKernel
{
    public static string Name => nameof(HingeLoss);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Max(S.Subtract(c, S.Multiply(t, x)), S.Constant(0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.AndNot(S.Negate(t), S.LessOrEqual(c, S.Multiply(t, x)));
}

/// <summary>max(0, c − t x)².</summary>
public readonly struct SquaredHingeLoss : ILossKernel
{
    public static string Name => nameof(SquaredHingeLoss);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Value<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V missing = HingeLoss.Value<T, V, S>(x, t, c);
        return S.Multiply(missing, missing);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Slope<T, V, S>(V x, V t, V c) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        V missing = HingeLoss.Value<T, V, S>(x, t, c);
        return S.Multiply(S.Negate(t), S.Add(missing, missing));
    }
}
