using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>128-bit vectors: SSE, Advanced SIMD, WebAssembly.</summary>
public readonly unsafe struct Simd128<T> : ISimd<T, Vector128<T>> where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Count { [MethodImpl(Inline)] get => Vector128<T>.Count; }
    public static int Registers => 16;

    [MethodImpl(Inline)] public static Vector128<T> Load(T* address) => Vector128.Load(address);
    [MethodImpl(Inline)] public static void Store(T* address, Vector128<T> value) => value.Store(address);
    [MethodImpl(Inline)] public static void StoreNonTemporal(T* address, Vector128<T> value) => value.StoreAlignedNonTemporal(address);

    [MethodImpl(Inline)]
    public static Vector128<T> LoadPart(T* address, int n)
    {
        // The compiler keeps the copy in registers or on the stack; no byte outside the n lanes is read.
        Vector128<T> part = default;
        Unsafe.CopyBlockUnaligned(&part, address, (uint)(n * sizeof(T)));
        return part;
    }

    [MethodImpl(Inline)]
    public static void StorePart(T* address, int n, Vector128<T> value)
    {
        Unsafe.CopyBlockUnaligned(address, &value, (uint)(n * sizeof(T)));
    }

    [MethodImpl(Inline)] public static Vector128<T> Broadcast(T value) => Vector128.Create(value);

    [MethodImpl(Inline)]
    public static Vector128<T> Constant(double value)
        => typeof(T) == typeof(float) ? Vector128.Create((float)value).As<float, T>() : Vector128.Create(value).As<double, T>();

    [MethodImpl(Inline)] public static Vector128<T> Add(Vector128<T> a, Vector128<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector128<T> Subtract(Vector128<T> a, Vector128<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector128<T> Multiply(Vector128<T> a, Vector128<T> b) => a * b;
    [MethodImpl(Inline)] public static Vector128<T> Divide(Vector128<T> a, Vector128<T> b) => a / b;
    [MethodImpl(Inline)] public static Vector128<T> Negate(Vector128<T> a) => -a;
    [MethodImpl(Inline)] public static Vector128<T> Abs(Vector128<T> a) => Vector128.Abs(a);
    [MethodImpl(Inline)] public static Vector128<T> Sqrt(Vector128<T> a) => Vector128.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector128<T> Fma(Vector128<T> a, Vector128<T> b, Vector128<T> c)
        => typeof(T) == typeof(float)
            ? Vector128.FusedMultiplyAdd(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
            : Vector128.FusedMultiplyAdd(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> MultiplyAdd(Vector128<T> a, Vector128<T> b, Vector128<T> c)
        => typeof(T) == typeof(float)
            ? Vector128.MultiplyAddEstimate(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
            : Vector128.MultiplyAddEstimate(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)] public static Vector128<T> Max(Vector128<T> a, Vector128<T> b) => Vector128.Max(a, b);
    [MethodImpl(Inline)] public static Vector128<T> Min(Vector128<T> a, Vector128<T> b) => Vector128.Min(a, b);

    [MethodImpl(Inline)]
    public static Vector128<T> Floor(Vector128<T> a)
        => typeof(T) == typeof(float) ? Vector128.Floor(a.As<T, float>()).As<float, T>() : Vector128.Floor(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> Ceiling(Vector128<T> a)
        => typeof(T) == typeof(float) ? Vector128.Ceiling(a.As<T, float>()).As<float, T>() : Vector128.Ceiling(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> Truncate(Vector128<T> a)
        => typeof(T) == typeof(float) ? Vector128.Truncate(a.As<T, float>()).As<float, T>() : Vector128.Truncate(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> Round(Vector128<T> a)
        => typeof(T) == typeof(float) ? Vector128.Round(a.As<T, float>()).As<float, T>() : Vector128.Round(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)] public static Vector128<T> Equal(Vector128<T> a, Vector128<T> b) => Vector128.Equals(a, b);
    [MethodImpl(Inline)] public static Vector128<T> Less(Vector128<T> a, Vector128<T> b) => Vector128.LessThan(a, b);
    [MethodImpl(Inline)] public static Vector128<T> LessOrEqual(Vector128<T> a, Vector128<T> b) => Vector128.LessThanOrEqual(a, b);
    [MethodImpl(Inline)] public static Vector128<T> IsNaN(Vector128<T> a) => Vector128.IsNaN(a);
    [MethodImpl(Inline)] public static Vector128<T> Select(Vector128<T> mask, Vector128<T> yes, Vector128<T> no) => Vector128.ConditionalSelect(mask, yes, no);
    [MethodImpl(Inline)] public static Vector128<T> And(Vector128<T> a, Vector128<T> b) => a & b;
    [MethodImpl(Inline)] public static Vector128<T> Or(Vector128<T> a, Vector128<T> b) => a | b;
    [MethodImpl(Inline)] public static Vector128<T> AndNot(Vector128<T> a, Vector128<T> notB) => Vector128.AndNot(a, notB);
    [MethodImpl(Inline)] public static Vector128<T> Xor(Vector128<T> a, Vector128<T> b) => a ^ b;
    [MethodImpl(Inline)] public static bool Any(Vector128<T> mask) => mask.AsByte() != Vector128<byte>.Zero;

    [MethodImpl(Inline)]
    public static Vector128<T> Clamp(Vector128<T> a, Vector128<T> low, Vector128<T> high) => Vector128.MinNative(high, Vector128.MaxNative(low, a)); // the second operand wins if either is NaN

    [MethodImpl(Inline)]
    public static Vector128<T> Scale(Vector128<T> a, Vector128<T> n)
    {
        // Two factors, so that neither leaves the range of normal numbers; the first product is exact.
        if (typeof(T) == typeof(float))
        {
            Vector128<int> all = Vector128.ConvertToInt32Native(n.As<T, float>()), half = all >> 1, bias = Vector128.Create(127);
            return a * ((half + bias) << 23).As<int, T>() * ((all - half + bias) << 23).As<int, T>();
        }

        // n + 1.5 · 2⁵² holds the integer n in its low bits: no 64-bit conversion instruction is needed.
        Vector128<double> magic = Vector128.Create(6755399441055744.0 + 1023), floor = Vector128.Floor(n.As<T, double>() * Vector128.Create(0.5));
        Vector128<long> first = (floor + magic).AsInt64() << 52, second = (n.As<T, double>() - floor + magic).AsInt64() << 52;
        return a * first.As<long, T>() * second.As<long, T>();
    }

    [MethodImpl(Inline)]
    public static Vector128<T> ScaleNormal(Vector128<T> a, Vector128<T> n)
        => typeof(T) == typeof(float)
            ? a * ((Vector128.ConvertToInt32Native(n.As<T, float>()) + Vector128.Create(127)) << 23).As<int, T>()
            : a * ((n.As<T, double>() + Vector128.Create(6755399441055744.0 + 1023)).AsInt64() << 52).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> Split(Vector128<T> a, out Vector128<T> exponent)
    {
        Vector128<T> zero = Vector128<T>.Zero, one = Constant(1), infinity = Constant(double.PositiveInfinity);
        Vector128<T> m, subnormal = Vector128.LessThan(a, Constant(typeof(T) == typeof(float) ? 1.17549435e-38 : 2.2250738585072014e-308));
        Vector128<T> normal = Select(subnormal, a * Constant(18014398509481984), a); // · 2⁵⁴
        if (typeof(T) == typeof(float))
        {
            // Adding the distance from ¾ to 1 carries into the exponent exactly when the mantissa is 1½ or more.
            Vector128<int> bits = normal.AsInt32() + Vector128.Create(0x00400000);
            exponent = Vector128.ConvertToSingle((bits >> 23) - Vector128.Create(127)).As<float, T>();
            m = ((bits & Vector128.Create(0x007FFFFF)) + Vector128.Create(0x3F400000)).As<int, T>();
        }
        else
        {
            // The biased exponent fits 11 bits: placed in the mantissa of 2⁵² it converts without a 64-bit conversion instruction.
            Vector128<long> bits = normal.AsInt64() + Vector128.Create(0x0008000000000000L);
            Vector128<double> magic = (Vector128.ShiftRightLogical(bits, 52) | Vector128.Create(0x4330000000000000L)).AsDouble();
            exponent = (magic - Vector128.Create(4503599627370496.0 + 1023.0)).As<double, T>();
            m = ((bits & Vector128.Create(0x000FFFFFFFFFFFFFL)) + Vector128.Create(0x3FE8000000000000L)).As<long, T>();
        }

        exponent = exponent - (subnormal & Constant(54));
        Vector128<T> isZero = Equal(a, zero), isInfinite = Equal(a, infinity);
        exponent = Select(isZero, -infinity, Select(isInfinite, infinity, exponent));
        return Select(isZero | isInfinite, one, Select(Less(zero, a), m, Constant(double.NaN)));
    }

    [MethodImpl(Inline)]
    public static Vector128<T> TestBit(Vector128<T> a, int index)
        => typeof(T) == typeof(float)
            ? (~Vector128.Equals(a.AsInt32() & Vector128.Create(1 << index), Vector128<int>.Zero)).As<int, T>()
            : (~Vector128.Equals(a.AsInt64() & Vector128.Create(1L << index), Vector128<long>.Zero)).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> ShiftLeft(Vector128<T> a, int count)
        => typeof(T) == typeof(float) ? (a.AsInt32() << count).As<int, T>() : (a.AsInt64() << count).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector128<T> Library<F>(Vector128<T> x, Vector128<T> y, Vector128<T> mask) where F : struct, ILibraryFunction => Any(mask) ? LibraryLanes.Replace<T, Vector128<T>, Simd128<T>, F>(x, y, mask) : y;

    [MethodImpl(Inline)] public static T Sum(Vector128<T> a) => Vector128.Sum(a);

    public static void Transpose(T* src, nint srcStride, T* dst, nint dstStride)
    {
        for (int i = 0; i < Count; i++)
            for (int j = 0; j < Count; j++)
                dst[j * dstStride + i] = src[i * srcStride + j];
    }

    [MethodImpl(Inline)]
    public static void Unzip(Vector128<T> a, Vector128<T> b, out Vector128<T> even, out Vector128<T> odd)
    {
        if (typeof(T) == typeof(float) && Sse.IsSupported)
        {
            even = Sse.Shuffle(a.AsSingle(), b.AsSingle(), 0x88).As<float, T>();
            odd = Sse.Shuffle(a.AsSingle(), b.AsSingle(), 0xDD).As<float, T>();
        }
        else if (typeof(T) == typeof(float) && AdvSimd.Arm64.IsSupported)
        {
            even = AdvSimd.Arm64.UnzipEven(a.AsSingle(), b.AsSingle()).As<float, T>();
            odd = AdvSimd.Arm64.UnzipOdd(a.AsSingle(), b.AsSingle()).As<float, T>();
        }
        else
        {
            UnzipSlow(a, b, out even, out odd);
        }
    }

    [MethodImpl(Inline)]
    public static void Zip(Vector128<T> even, Vector128<T> odd, out Vector128<T> a, out Vector128<T> b)
    {
        if (typeof(T) == typeof(float) && Sse.IsSupported)
        {
            a = Sse.UnpackLow(even.AsSingle(), odd.AsSingle()).As<float, T>();
            b = Sse.UnpackHigh(even.AsSingle(), odd.AsSingle()).As<float, T>();
        }
        else if (typeof(T) == typeof(float) && AdvSimd.Arm64.IsSupported)
        {
            a = AdvSimd.Arm64.ZipLow(even.AsSingle(), odd.AsSingle()).As<float, T>();
            b = AdvSimd.Arm64.ZipHigh(even.AsSingle(), odd.AsSingle()).As<float, T>();
        }
        else
        {
            ZipSlow(even, odd, out a, out b);
        }
    }

    private static void UnzipSlow(Vector128<T> a, Vector128<T> b, out Vector128<T> even, out Vector128<T> odd)
    {
        T* pair = stackalloc T[2 * Count];
        a.Store(pair);
        b.Store(pair + Count);
        even = odd = default;
        for (int i = 0; i < Count; i++)
        {
            even = even.WithElement(i, pair[2 * i]);
            odd = odd.WithElement(i, pair[2 * i + 1]);
        }
    }

    private static void ZipSlow(Vector128<T> even, Vector128<T> odd, out Vector128<T> a, out Vector128<T> b)
    {
        T* pair = stackalloc T[2 * Count];
        for (int i = 0; i < Count; i++)
        {
            pair[2 * i] = even.GetElement(i);
            pair[2 * i + 1] = odd.GetElement(i);
        }

        a = Vector128.Load(pair);
        b = Vector128.Load(pair + Count);
    }
}
