using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>256-bit vectors: AVX2.</summary>
public readonly unsafe struct Simd256<T> : ISimd<T, Vector256<T>> where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Count { [MethodImpl(Inline)] get => Vector256<T>.Count; }
    public static int Registers => 16;

    [MethodImpl(Inline)] public static Vector256<T> Load(T* address) => Vector256.Load(address);
    [MethodImpl(Inline)] public static void Store(T* address, Vector256<T> value) => value.Store(address);
    [MethodImpl(Inline)] public static void StoreNonTemporal(T* address, Vector256<T> value) => value.StoreAlignedNonTemporal(address);

    [MethodImpl(Inline)]
    public static Vector256<T> LoadPart(T* address, int n)
    {
        if (typeof(T) == typeof(float) && Avx.IsSupported)
        {
            Vector256<float> mask = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(n)).AsSingle();
            return Avx.MaskLoad((float*)address, mask).As<float, T>();
        }

        if (typeof(T) == typeof(double) && Avx.IsSupported)
        {
            Vector256<double> mask = Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)n)).AsDouble();
            return Avx.MaskLoad((double*)address, mask).As<double, T>();
        }

        // The compiler keeps the copy in registers or on the stack; no byte outside the n lanes is read.
        Vector256<T> part = default;
        Unsafe.CopyBlockUnaligned(&part, address, (uint)(n * sizeof(T)));
        return part;
    }

    [MethodImpl(Inline)]
    public static void StorePart(T* address, int n, Vector256<T> value)
    {
        if (typeof(T) == typeof(float) && Avx.IsSupported)
        {
            Vector256<float> mask = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(n)).AsSingle();
            Avx.MaskStore((float*)address, mask, value.AsSingle());
            return;
        }

        if (typeof(T) == typeof(double) && Avx.IsSupported)
        {
            Vector256<double> mask = Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)n)).AsDouble();
            Avx.MaskStore((double*)address, mask, value.AsDouble());
            return;
        }

        Unsafe.CopyBlockUnaligned(address, &value, (uint)(n * sizeof(T)));
    }

    [MethodImpl(Inline)] public static Vector256<T> Broadcast(T value) => Vector256.Create(value);

    [MethodImpl(Inline)]
    public static Vector256<T> Constant(double value)
        => typeof(T) == typeof(float) ? Vector256.Create((float)value).As<float, T>() : Vector256.Create(value).As<double, T>();

    [MethodImpl(Inline)] public static Vector256<T> Add(Vector256<T> a, Vector256<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector256<T> Subtract(Vector256<T> a, Vector256<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector256<T> Multiply(Vector256<T> a, Vector256<T> b) => a * b;
    [MethodImpl(Inline)] public static Vector256<T> Divide(Vector256<T> a, Vector256<T> b) => a / b;
    [MethodImpl(Inline)] public static Vector256<T> Negate(Vector256<T> a) => -a;
    [MethodImpl(Inline)] public static Vector256<T> Abs(Vector256<T> a) => Vector256.Abs(a);
    [MethodImpl(Inline)] public static Vector256<T> Sqrt(Vector256<T> a) => Vector256.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector256<T> Fma(Vector256<T> a, Vector256<T> b, Vector256<T> c)
        => typeof(T) == typeof(float)
            ? Vector256.FusedMultiplyAdd(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
            : Vector256.FusedMultiplyAdd(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> MultiplyAdd(Vector256<T> a, Vector256<T> b, Vector256<T> c)
        => typeof(T) == typeof(float)
            ? Vector256.MultiplyAddEstimate(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
            : Vector256.MultiplyAddEstimate(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)] public static Vector256<T> Max(Vector256<T> a, Vector256<T> b) => Vector256.Max(a, b);
    [MethodImpl(Inline)] public static Vector256<T> Min(Vector256<T> a, Vector256<T> b) => Vector256.Min(a, b);

    [MethodImpl(Inline)]
    public static Vector256<T> Floor(Vector256<T> a)
        => typeof(T) == typeof(float) ? Vector256.Floor(a.As<T, float>()).As<float, T>() : Vector256.Floor(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> Ceiling(Vector256<T> a)
        => typeof(T) == typeof(float) ? Vector256.Ceiling(a.As<T, float>()).As<float, T>() : Vector256.Ceiling(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> Truncate(Vector256<T> a)
        => typeof(T) == typeof(float) ? Vector256.Truncate(a.As<T, float>()).As<float, T>() : Vector256.Truncate(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> Round(Vector256<T> a)
        => typeof(T) == typeof(float) ? Vector256.Round(a.As<T, float>()).As<float, T>() : Vector256.Round(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)] public static Vector256<T> Equal(Vector256<T> a, Vector256<T> b) => Vector256.Equals(a, b);
    [MethodImpl(Inline)] public static Vector256<T> Less(Vector256<T> a, Vector256<T> b) => Vector256.LessThan(a, b);
    [MethodImpl(Inline)] public static Vector256<T> LessOrEqual(Vector256<T> a, Vector256<T> b) => Vector256.LessThanOrEqual(a, b);
    [MethodImpl(Inline)] public static Vector256<T> IsNaN(Vector256<T> a) => Vector256.IsNaN(a);
    [MethodImpl(Inline)] public static Vector256<T> Select(Vector256<T> mask, Vector256<T> yes, Vector256<T> no) => Vector256.ConditionalSelect(mask, yes, no);
    [MethodImpl(Inline)] public static Vector256<T> And(Vector256<T> a, Vector256<T> b) => a & b;
    [MethodImpl(Inline)] public static Vector256<T> Or(Vector256<T> a, Vector256<T> b) => a | b;
    [MethodImpl(Inline)] public static Vector256<T> AndNot(Vector256<T> a, Vector256<T> notB) => Vector256.AndNot(a, notB);
    [MethodImpl(Inline)] public static Vector256<T> Xor(Vector256<T> a, Vector256<T> b) => a ^ b;
    [MethodImpl(Inline)] public static bool Any(Vector256<T> mask) => mask.AsByte() != Vector256<byte>.Zero;

    [MethodImpl(Inline)]
    public static Vector256<T> Clamp(Vector256<T> a, Vector256<T> low, Vector256<T> high) => Vector256.MinNative(high, Vector256.MaxNative(low, a)); // the second operand wins if either is NaN

    [MethodImpl(Inline)]
    public static Vector256<T> Scale(Vector256<T> a, Vector256<T> n)
    {
        // Two factors, so that neither leaves the range of normal numbers; the first product is exact.
        if (typeof(T) == typeof(float))
        {
            Vector256<int> all = Vector256.ConvertToInt32Native(n.As<T, float>()), half = all >> 1, bias = Vector256.Create(127);
            return a * ((half + bias) << 23).As<int, T>() * ((all - half + bias) << 23).As<int, T>();
        }

        // n + 1.5 · 2⁵² holds the integer n in its low bits: no 64-bit conversion instruction is needed.
        Vector256<double> magic = Vector256.Create(6755399441055744.0 + 1023), floor = Vector256.Floor(n.As<T, double>() * Vector256.Create(0.5));
        Vector256<long> first = (floor + magic).AsInt64() << 52, second = (n.As<T, double>() - floor + magic).AsInt64() << 52;
        return a * first.As<long, T>() * second.As<long, T>();
    }

    [MethodImpl(Inline)]
    public static Vector256<T> ScaleNormal(Vector256<T> a, Vector256<T> n)
        => typeof(T) == typeof(float)
            ? a * ((Vector256.ConvertToInt32Native(n.As<T, float>()) + Vector256.Create(127)) << 23).As<int, T>()
            : a * ((n.As<T, double>() + Vector256.Create(6755399441055744.0 + 1023)).AsInt64() << 52).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> Split(Vector256<T> a, out Vector256<T> exponent)
    {
        Vector256<T> zero = Vector256<T>.Zero, one = Constant(1), infinity = Constant(double.PositiveInfinity);
        Vector256<T> m, subnormal = Vector256.LessThan(a, Constant(typeof(T) == typeof(float) ? 1.17549435e-38 : 2.2250738585072014e-308));
        Vector256<T> normal = Select(subnormal, a * Constant(18014398509481984), a); // · 2⁵⁴
        if (typeof(T) == typeof(float))
        {
            // Adding the distance from ¾ to 1 carries into the exponent exactly when the mantissa is 1½ or more.
            Vector256<int> bits = normal.AsInt32() + Vector256.Create(0x00400000);
            exponent = Vector256.ConvertToSingle((bits >> 23) - Vector256.Create(127)).As<float, T>();
            m = ((bits & Vector256.Create(0x007FFFFF)) + Vector256.Create(0x3F400000)).As<int, T>();
        }
        else
        {
            // The biased exponent fits 11 bits: placed in the mantissa of 2⁵² it converts without a 64-bit conversion instruction.
            Vector256<long> bits = normal.AsInt64() + Vector256.Create(0x0008000000000000L);
            Vector256<double> magic = (Vector256.ShiftRightLogical(bits, 52) | Vector256.Create(0x4330000000000000L)).AsDouble();
            exponent = (magic - Vector256.Create(4503599627370496.0 + 1023.0)).As<double, T>();
            m = ((bits & Vector256.Create(0x000FFFFFFFFFFFFFL)) + Vector256.Create(0x3FE8000000000000L)).As<long, T>();
        }

        exponent = exponent - (subnormal & Constant(54));
        Vector256<T> isZero = Equal(a, zero), isInfinite = Equal(a, infinity);
        exponent = Select(isZero, -infinity, Select(isInfinite, infinity, exponent));
        return Select(isZero | isInfinite, one, Select(Less(zero, a), m, Constant(double.NaN)));
    }

    [MethodImpl(Inline)]
    public static Vector256<T> TestBit(Vector256<T> a, int index)
        => typeof(T) == typeof(float)
            ? (~Vector256.Equals(a.AsInt32() & Vector256.Create(1 << index), Vector256<int>.Zero)).As<int, T>()
            : (~Vector256.Equals(a.AsInt64() & Vector256.Create(1L << index), Vector256<long>.Zero)).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> ShiftLeft(Vector256<T> a, int count)
        => typeof(T) == typeof(float) ? (a.AsInt32() << count).As<int, T>() : (a.AsInt64() << count).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector256<T> Library<F>(Vector256<T> x, Vector256<T> y, Vector256<T> mask) where F : struct, ILibraryFunction => Any(mask) ? LibraryLanes.Replace<T, Vector256<T>, Simd256<T>, F>(x, y, mask) : y;

    [MethodImpl(Inline)] public static T Sum(Vector256<T> a) => Vector256.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(T* src, nint srcStride, T* dst, nint dstStride)
    {
        if (typeof(T) == typeof(float) && Avx.IsSupported) Transpose8((float*)src, srcStride, (float*)dst, dstStride);
        else if (typeof(T) == typeof(double) && Avx.IsSupported) Transpose4((double*)src, srcStride, (double*)dst, dstStride);
        else
            for (int i = 0; i < Count; i++)
                for (int j = 0; j < Count; j++)
                    dst[j * dstStride + i] = src[i * srcStride + j];
    }

    // 8 x 8: 4 x 4 blocks are transposed inside the 128-bit lanes, then the lanes are put in place.
    [MethodImpl(Inline)]
    private static void Transpose8(float* s, nint ss, float* d, nint ds)
    {
        Quad(s, ss, out var a0, out var a1, out var a2, out var a3);
        Quad(s + 4 * ss, ss, out var b0, out var b1, out var b2, out var b3);
        Lanes(a0, b0, d, 4 * ds);
        Lanes(a1, b1, d + ds, 4 * ds);
        Lanes(a2, b2, d + 2 * ds, 4 * ds);
        Lanes(a3, b3, d + 3 * ds, 4 * ds);
    }

    [MethodImpl(Inline)]
    private static void Quad(float* s, nint ss, out Vector256<float> o0, out Vector256<float> o1, out Vector256<float> o2, out Vector256<float> o3)
    {
        Vector256<float> r0 = Vector256.Load(s), r1 = Vector256.Load(s + ss), r2 = Vector256.Load(s + 2 * ss), r3 = Vector256.Load(s + 3 * ss);
        Vector256<double> t0 = Avx.UnpackLow(r0, r1).AsDouble(), t1 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> t2 = Avx.UnpackLow(r2, r3).AsDouble(), t3 = Avx.UnpackHigh(r2, r3).AsDouble();
        o0 = Avx.UnpackLow(t0, t2).AsSingle();
        o1 = Avx.UnpackHigh(t0, t2).AsSingle();
        o2 = Avx.UnpackLow(t1, t3).AsSingle();
        o3 = Avx.UnpackHigh(t1, t3).AsSingle();
    }

    // 4 x 4: 2 x 2 blocks inside the lanes, then the lanes.
    [MethodImpl(Inline)]
    private static void Transpose4(double* s, nint ss, double* d, nint ds)
    {
        Vector256<double> r0 = Vector256.Load(s), r1 = Vector256.Load(s + ss), r2 = Vector256.Load(s + 2 * ss), r3 = Vector256.Load(s + 3 * ss);
        Lanes(Avx.UnpackLow(r0, r1), Avx.UnpackLow(r2, r3), d, 2 * ds);
        Lanes(Avx.UnpackHigh(r0, r1), Avx.UnpackHigh(r2, r3), d + ds, 2 * ds);
    }

    /// <summary>Lane q of a, b becomes destination row q (rows are <paramref name="step"/> apart).</summary>
    [MethodImpl(Inline)]
    private static void Lanes<U>(Vector256<U> a, Vector256<U> b, U* d, nint step) where U : unmanaged
    {
        Avx.Permute2x128(a.AsDouble(), b.AsDouble(), 0x20).As<double, U>().Store(d);
        Avx.Permute2x128(a.AsDouble(), b.AsDouble(), 0x31).As<double, U>().Store(d + step);
    }

    [MethodImpl(Inline)]
    public static void Unzip(Vector256<T> a, Vector256<T> b, out Vector256<T> even, out Vector256<T> odd)
    {
        // Inside the 128-bit lanes first, then the lanes' halves are put in place.
        if (typeof(T) == typeof(float) && Avx2.IsSupported)
        {
            even = Avx2.Permute4x64(Avx.Shuffle(a.AsSingle(), b.AsSingle(), 0x88).AsDouble(), 0xD8).As<double, T>();
            odd = Avx2.Permute4x64(Avx.Shuffle(a.AsSingle(), b.AsSingle(), 0xDD).AsDouble(), 0xD8).As<double, T>();
        }
        else if (typeof(T) == typeof(double) && Avx2.IsSupported)
        {
            even = Avx2.Permute4x64(Avx.UnpackLow(a.AsDouble(), b.AsDouble()), 0xD8).As<double, T>();
            odd = Avx2.Permute4x64(Avx.UnpackHigh(a.AsDouble(), b.AsDouble()), 0xD8).As<double, T>();
        }
        else
        {
            UnzipSlow(a, b, out even, out odd);
        }
    }

    [MethodImpl(Inline)]
    public static void Zip(Vector256<T> even, Vector256<T> odd, out Vector256<T> a, out Vector256<T> b)
    {
        if (Avx.IsSupported && (typeof(T) == typeof(float) || typeof(T) == typeof(double)))
        {
            bool single = typeof(T) == typeof(float);
            Vector256<double> low = single ? Avx.UnpackLow(even.AsSingle(), odd.AsSingle()).AsDouble() : Avx.UnpackLow(even.AsDouble(), odd.AsDouble());
            Vector256<double> high = single ? Avx.UnpackHigh(even.AsSingle(), odd.AsSingle()).AsDouble() : Avx.UnpackHigh(even.AsDouble(), odd.AsDouble());
            a = Avx.Permute2x128(low, high, 0x20).As<double, T>();
            b = Avx.Permute2x128(low, high, 0x31).As<double, T>();
        }
        else
        {
            ZipSlow(even, odd, out a, out b);
        }
    }

    private static void UnzipSlow(Vector256<T> a, Vector256<T> b, out Vector256<T> even, out Vector256<T> odd)
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

    private static void ZipSlow(Vector256<T> even, Vector256<T> odd, out Vector256<T> a, out Vector256<T> b)
    {
        T* pair = stackalloc T[2 * Count];
        for (int i = 0; i < Count; i++)
        {
            pair[2 * i] = even.GetElement(i);
            pair[2 * i + 1] = odd.GetElement(i);
        }

        a = Vector256.Load(pair);
        b = Vector256.Load(pair + Count);
    }
}
