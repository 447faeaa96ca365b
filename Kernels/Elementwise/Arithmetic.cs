using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>y = a + b.</summary>
public readonly struct Add : IBinaryKernel
{
    public static string Name => nameof(Add);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Add(a, b);
    public static T ApplyInteger<T>(T a, T b) where T : INumber<T> => a + b;
    public static string IntegerSource => "a + b";
}

/// <summary>y = a − b.</summary>
public readonly struct Subtract : IBinaryKernel
{
    public static string Name => nameof(Subtract);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Subtract(a, b);
    public static T ApplyInteger<T>(T a, T b) where T : INumber<T> => a - b;
    public static string IntegerSource => "a - b";
}

/// <summary>y = a · b.</summary>
public readonly struct Multiply : IBinaryKernel
{
    public static string Name => nameof(Multiply);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Multiply(a, b);
    public static T ApplyInteger<T>(T a, T b) where T : INumber<T> => a * b;
    public static string IntegerSource => "a * b";
}

/// <summary>y = a / b; for integers the quotient towards zero. An integer by 0: a DivideByZeroException on the CPU, 0 on a GPU, which cannot throw.</summary>
public readonly struct Divide : IBinaryKernel
{
    public static string Name => nameof(Divide);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Divide(a, b);
    public static T ApplyInteger<T>(T a, T b) where T : INumber<T> => a / b;
    public static string IntegerSource => "b == 0 ? 0 : a / b";
}

/// <summary>y = max(a, b); NaN if either is NaN.</summary>
public readonly struct Maximum : IBinaryKernel
{
    public static string Name => nameof(Maximum);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Max(a, b);
    public static T ApplyInteger<T>(T a, T b) where T : INumber<T> => T.Max(a, b);
    public static string IntegerSource => "a > b ? a : b";
}

/// <summary>y = min(a, b); NaN if either is NaN.</summary>
public readonly struct Minimum : IBinaryKernel
{
    public static string Name => nameof(Minimum);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V a, V b) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Min(a, b);
    public static T ApplyInteger<T>(T a, T b) where T : INumber<T> => T.Min(a, b);
    public static string IntegerSource => "a < b ? a : b";
}

/// <summary>y = −x.</summary>
public readonly struct Negate : IUnaryKernel
{
    public static string Name => nameof(Negate);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Negate(x);
    public static T ApplyInteger<T>(T x) where T : INumber<T> => -x;
    public static string IntegerSource => "-a";
}

/// <summary>y = |x|.</summary>
public readonly struct Absolute : IUnaryKernel
{
    public static string Name => nameof(Absolute);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Abs(x);
    public static T ApplyInteger<T>(T x) where T : INumber<T> => T.Abs(x);
    public static string IntegerSource => "a < 0 ? -a : a";
}

/// <summary>y = √x; NaN below 0.</summary>
public readonly struct SquareRoot : IUnaryKernel
{
    public static string Name => "Sqrt";
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Sqrt(x);
}

/// <summary>y = 1/√x; +∞ at 0, NaN below.</summary>
public readonly struct ReciprocalSquareRoot : IUnaryKernel
{
    public static string Name => "Rsqrt";
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
        => VectorMath.Rsqrt<T, V, S>(x);
}

/// <summary>y = x².</summary>
public readonly struct Square : IUnaryKernel
{
    public static string Name => nameof(Square);
    public static bool OnIntegers => true;
    public static V Apply<T, V, S>(V x) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V> => S.Multiply(x, x);
    public static T ApplyInteger<T>(T x) where T : INumber<T> => x * x;
    public static string IntegerSource => "a * a";
}
