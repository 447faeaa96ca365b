using Gradwright.Kernels;

namespace Gradwright.Tests.Kernels;

/// <summary>A function of <see cref="VectorMath"/> with its reference in double precision, for arguments that are floats.</summary>
public interface IFunctionUnderTest
{
    static abstract V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V>;
    static abstract double Reference(double x);
}

public static class FunctionsUnderTest
{
    public readonly struct Exp : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Exp<T, V, S>(x);
        public static double Reference(double x) => Math.Exp(x);
    }

    public readonly struct Expm1 : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Expm1<T, V, S>(x);
        public static double Reference(double x) => Math.Abs(x) < 1e-3 ? x + x * x / 2 + x * x * x / 6 + x * x * x * x / 24 : Math.Exp(x) - 1;
    }

    public readonly struct Log : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Log<T, V, S>(x);
        public static double Reference(double x) => Math.Log(x);
    }

    public readonly struct Log1p : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Log1p<T, V, S>(x);
        public static double Reference(double x) => Math.Abs(x) < 1e-3 ? x - x * x / 2 + x * x * x / 3 - x * x * x * x / 4 : Math.Log(1 + x);
    }

    public readonly struct Softplus : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Softplus<T, V, S>(x);
        public static double Reference(double x) => Math.Max(x, 0) + Log1p.Reference(Math.Exp(-Math.Abs(x)));
    }

    public readonly struct Tanh : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Tanh<T, V, S>(x);
        public static double Reference(double x) => Math.Tanh(x);
    }

    public readonly struct Sigmoid : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Sigmoid<T, V, S>(x);
        public static double Reference(double x) => x < 0 ? Math.Exp(x) / (1 + Math.Exp(x)) : 1 / (1 + Math.Exp(-x));
    }

    /// <summary>The double-precision version, itself checked against the table, is the reference of the float version.</summary>
    public readonly struct Erf : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Erf<T, V, S>(x);
        public static double Reference(double x) => VectorMath.Erf<double, double, SimdScalar<double>>(x);
    }

    public readonly struct Sin : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Sin<T, V, S>(x);
        public static double Reference(double x) => Math.Sin(x);
    }

    public readonly struct Cos : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Cos<T, V, S>(x);
        public static double Reference(double x) => Math.Cos(x);
    }

    public readonly struct Tan : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Tan<T, V, S>(x);
        public static double Reference(double x) => Math.Tan(x);
    }

    /// <summary>Referred to its double-precision version, as <see cref="Erf"/> is.</summary>
    public readonly struct Erfc : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Erfc<T, V, S>(x);
        public static double Reference(double x) => VectorMath.Erfc<double, double, SimdScalar<double>>(x);
    }

    public readonly struct Atan : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Atan<T, V, S>(x);
        public static double Reference(double x) => Math.Atan(x);
    }

    public readonly struct Asin : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Asin<T, V, S>(x);
        public static double Reference(double x) => Math.Asin(x);
    }

    public readonly struct Acos : IFunctionUnderTest
    {
        public static V Of<T, V, S>(V x) where T : unmanaged where V : struct where S : struct, ISimd<T, V> => VectorMath.Acos<T, V, S>(x);
        public static double Reference(double x) => Math.Acos(x);
    }
}
