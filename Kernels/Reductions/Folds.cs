using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = Σ x; integers are summed in Int64. 0 for no elements.</summary>
public readonly struct Sum : IReduction
{
    public static string Name => nameof(Sum);
    public static bool OnIntegers => true;
    public static DType IntegerResult(DType operand) => DType.Int64;
    public static long IntegerStep(long total, long x) => total + x;
    public static string IntegerSource => "total + x";
    public static string IntegerCombineSource => IntegerSource;
    public static V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Constant(0);
    public static V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Add(total, x);
    public static V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Add(a, b);
}

/// <summary>y = Σ x / n. NaN for no elements.</summary>
public readonly struct Mean : IReduction
{
    public static string Name => nameof(Mean);
    public static V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Constant(0);
    public static V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Add(total, x);
    public static V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Add(a, b);
    public static V Finish<T, V, S>(V total, V center, V count, V parameter) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Divide(total, count);
}

/// <summary>y = max x; NaN if any element is NaN.</summary>
public readonly struct Max : IReduction
{
    public static string Name => nameof(Max);
    public static bool NeedsElements => true;
    public static bool OnIntegers => true;
    public static long IntegerNeutral => long.MinValue;
    public static long IntegerStep(long total, long x) => Math.Max(total, x);
    public static string IntegerSource => "total > x ? total : x";
    public static string IntegerCombineSource => IntegerSource;
    public static V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Constant(double.NegativeInfinity);
    public static V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Max(total, x);
    public static V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Max(a, b);
}

/// <summary>y = min x; NaN if any element is NaN.</summary>
public readonly struct Min : IReduction
{
    public static string Name => nameof(Min);
    public static bool NeedsElements => true;
    public static bool OnIntegers => true;
    public static long IntegerNeutral => long.MaxValue;
    public static long IntegerStep(long total, long x) => Math.Min(total, x);
    public static string IntegerSource => "total < x ? total : x";
    public static string IntegerCombineSource => IntegerSource;
    public static V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Constant(double.PositiveInfinity);
    public static V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Min(total, x);
    public static V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Min(a, b);
}

/// <summary>y = Π x; integers are multiplied in Int64. 1 for no elements.</summary>
public readonly struct Prod : IReduction
{
    public static string Name => nameof(Prod);
    public static bool OnIntegers => true;
    public static DType IntegerResult(DType operand) => DType.Int64;
    public static long IntegerNeutral => 1;
    public static long IntegerStep(long total, long x) => total * x;
    public static string IntegerSource => "total * x";
    public static string IntegerCombineSource => IntegerSource;
    public static V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Constant(1);
    public static V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Multiply(total, x);
    public static V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Multiply(a, b);
}

/// <summary>y = Σ (x − mean)² / (n − correction), in two passes, so that a large mean costs no accuracy.</summary>
public readonly struct Variance : IReduction
{
    public static string Name => nameof(Variance);
    public static bool TwoPasses => true;
    public static bool KeepsCenter => true;
    public static V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Constant(0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        if (!second) return S.Add(total, x);
        V d = S.Subtract(x, center);
        return S.MultiplyAdd(d, d, total);
    }

    public static V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Add(a, b);
    public static V Center<T, V, S>(V total, V count) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Divide(total, count);

    // With no more elements than the correction the quotient is 0/0 or worse: NaN, never negative.
    public static V Finish<T, V, S>(V total, V center, V count, V parameter) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Divide(total, S.Max(S.Subtract(count, parameter), S.Constant(0)));
}

/// <summary>y = ln Σ eˣ without overflow: the maximum m comes first, then m + ln Σ eˣ⁻ᵐ. −∞ for no elements and for −∞ alone.</summary>
public readonly struct LogSumExp : IReduction
{
    public static string Name => nameof(LogSumExp);
    public static bool TwoPasses => true;
    public static V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Constant(second ? 0 : double.NegativeInfinity);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => second ? S.Add(total, VectorMath.Exp<T, V, S>(S.Subtract(x, center))) : S.Max(total, x);

    public static V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => second ? S.Add(a, b) : S.Max(a, b);

    // An infinite maximum would make ∞ − ∞; around 0 the sum comes out as 0 or ∞ by itself.
    public static V Center<T, V, S>(V total, V count) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Select(S.Equal(S.Abs(total), S.Constant(double.PositiveInfinity)), S.Constant(0), total);

    public static V Finish<T, V, S>(V total, V center, V count, V parameter) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => S.Add(center, VectorMath.Log<T, V, S>(total));
}

/// <summary>y = √Σ x².</summary>
public readonly struct EuclideanNorm : IReduction
{
    public static string Name => nameof(EuclideanNorm);
    public static V Neutral<T, V, S>(bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Constant(0);
    public static V Step<T, V, S>(V total, V x, V center, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.MultiplyAdd(x, x, total);
    public static V Combine<T, V, S>(V a, V b, bool second) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Add(a, b);
    public static V Finish<T, V, S>(V total, V center, V count, V parameter) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Sqrt(total);
}

/// <summary>The number of elements that are not 0 (NaN is not), as Int64.</summary>
public readonly struct CountNonzero : IIntegerFold
{
    public static string Name => nameof(CountNonzero);
    public static bool OnIntegers => true;
    public static DType IntegerResult(DType operand) => DType.Int64;
    public static long IntegerStep(long total, long x) => total + (x != 0 ? 1 : 0);
    public static string IntegerSource => "total + (x != 0)";
    public static string IntegerCombineSource => "total + x";
}

/// <summary>Whether some element is not 0 (NaN is not). False for no elements.</summary>
public readonly struct Any : IIntegerFold
{
    public static string Name => nameof(Any);
    public static bool OnIntegers => true;
    public static DType IntegerResult(DType operand) => DType.Bool;
    public static long IntegerStep(long total, long x) => total | (x != 0 ? 1L : 0);
    public static string IntegerSource => "total | (x != 0)";
    public static string IntegerCombineSource => IntegerSource;
}

/// <summary>Whether no element is 0. True for no elements.</summary>
public readonly struct All : IIntegerFold
{
    public static string Name => nameof(All);
    public static bool OnIntegers => true;
    public static DType IntegerResult(DType operand) => DType.Bool;
    public static long IntegerNeutral => 1;
    public static long IntegerStep(long total, long x) => total & (x != 0 ? 1L : 0);
    public static string IntegerSource => "total & (x != 0)";
    public static string IntegerCombineSource => IntegerSource;
}
