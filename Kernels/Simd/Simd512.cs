using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>512-bit vectors: AVX-512.</summary>
public readonly unsafe struct Simd512<T> : ISimd<T, Vector512<T>> where T : unmanaged
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Count { [MethodImpl(Inline)] get => Vector512<T>.Count; }
    public static int Registers => 32;

    [MethodImpl(Inline)] public static Vector512<T> Load(T* address) => Vector512.Load(address);
    [MethodImpl(Inline)] public static void Store(T* address, Vector512<T> value) => value.Store(address);
    [MethodImpl(Inline)] public static void StoreNonTemporal(T* address, Vector512<T> value) => value.StoreAlignedNonTemporal(address);

    [MethodImpl(Inline)]
    public static Vector512<T> LoadPart(T* address, int n)
    {
        if (typeof(T) == typeof(float) && Avx512F.IsSupported)
        {
            Vector512<float> mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(n)).AsSingle();
            return Avx512F.MaskLoad((float*)address, mask, Vector512<float>.Zero).As<float, T>();
        }

        if (typeof(T) == typeof(double) && Avx512F.IsSupported)
        {
            Vector512<double> mask = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)n)).AsDouble();
            return Avx512F.MaskLoad((double*)address, mask, Vector512<double>.Zero).As<double, T>();
        }

        // The compiler keeps the copy in registers or on the stack; no byte outside the n lanes is read.
        Vector512<T> part = default;
        Unsafe.CopyBlockUnaligned(&part, address, (uint)(n * sizeof(T)));
        return part;
    }

    [MethodImpl(Inline)]
    public static void StorePart(T* address, int n, Vector512<T> value)
    {
        if (typeof(T) == typeof(float) && Avx512F.IsSupported)
        {
            Vector512<float> mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(n)).AsSingle();
            Avx512F.MaskStore((float*)address, mask, value.AsSingle());
            return;
        }

        if (typeof(T) == typeof(double) && Avx512F.IsSupported)
        {
            Vector512<double> mask = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)n)).AsDouble();
            Avx512F.MaskStore((double*)address, mask, value.AsDouble());
            return;
        }

        Unsafe.CopyBlockUnaligned(address, &value, (uint)(n * sizeof(T)));
    }

    [MethodImpl(Inline)] public static Vector512<T> Broadcast(T value) => Vector512.Create(value);

    [MethodImpl(Inline)]
    public static Vector512<T> Constant(double value)
        => typeof(T) == typeof(float) ? Vector512.Create((float)value).As<float, T>() : Vector512.Create(value).As<double, T>();

    [MethodImpl(Inline)] public static Vector512<T> Add(Vector512<T> a, Vector512<T> b) => a + b;
    [MethodImpl(Inline)] public static Vector512<T> Subtract(Vector512<T> a, Vector512<T> b) => a - b;
    [MethodImpl(Inline)] public static Vector512<T> Multiply(Vector512<T> a, Vector512<T> b) => a * b;
    [MethodImpl(Inline)] public static Vector512<T> Divide(Vector512<T> a, Vector512<T> b) => a / b;
    [MethodImpl(Inline)] public static Vector512<T> Negate(Vector512<T> a) => -a;
    [MethodImpl(Inline)] public static Vector512<T> Abs(Vector512<T> a) => Vector512.Abs(a);
    [MethodImpl(Inline)] public static Vector512<T> Sqrt(Vector512<T> a) => Vector512.Sqrt(a);

    [MethodImpl(Inline)]
    public static Vector512<T> Fma(Vector512<T> a, Vector512<T> b, Vector512<T> c)
        => typeof(T) == typeof(float)
            ? Vector512.FusedMultiplyAdd(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
            : Vector512.FusedMultiplyAdd(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> MultiplyAdd(Vector512<T> a, Vector512<T> b, Vector512<T> c)
        => typeof(T) == typeof(float)
            ? Vector512.MultiplyAddEstimate(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
            : Vector512.MultiplyAddEstimate(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)] public static Vector512<T> Max(Vector512<T> a, Vector512<T> b) => Vector512.Max(a, b);
    [MethodImpl(Inline)] public static Vector512<T> Min(Vector512<T> a, Vector512<T> b) => Vector512.Min(a, b);

    [MethodImpl(Inline)]
    public static Vector512<T> Floor(Vector512<T> a)
        => typeof(T) == typeof(float) ? Vector512.Floor(a.As<T, float>()).As<float, T>() : Vector512.Floor(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> Ceiling(Vector512<T> a)
        => typeof(T) == typeof(float) ? Vector512.Ceiling(a.As<T, float>()).As<float, T>() : Vector512.Ceiling(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> Truncate(Vector512<T> a)
        => typeof(T) == typeof(float) ? Vector512.Truncate(a.As<T, float>()).As<float, T>() : Vector512.Truncate(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> Round(Vector512<T> a)
        => typeof(T) == typeof(float) ? Vector512.Round(a.As<T, float>()).As<float, T>() : Vector512.Round(a.As<T, double>()).As<double, T>();

    [MethodImpl(Inline)] public static Vector512<T> Equal(Vector512<T> a, Vector512<T> b) => Vector512.Equals(a, b);
    [MethodImpl(Inline)] public static Vector512<T> Less(Vector512<T> a, Vector512<T> b) => Vector512.LessThan(a, b);
    [MethodImpl(Inline)] public static Vector512<T> LessOrEqual(Vector512<T> a, Vector512<T> b) => Vector512.LessThanOrEqual(a, b);
    [MethodImpl(Inline)] public static Vector512<T> IsNaN(Vector512<T> a) => Vector512.IsNaN(a);
    [MethodImpl(Inline)] public static Vector512<T> Select(Vector512<T> mask, Vector512<T> yes, Vector512<T> no) => Vector512.ConditionalSelect(mask, yes, no);
    [MethodImpl(Inline)] public static Vector512<T> And(Vector512<T> a, Vector512<T> b) => a & b;
    [MethodImpl(Inline)] public static Vector512<T> Or(Vector512<T> a, Vector512<T> b) => a | b;
    [MethodImpl(Inline)] public static Vector512<T> AndNot(Vector512<T> a, Vector512<T> notB) => Vector512.AndNot(a, notB);
    [MethodImpl(Inline)] public static Vector512<T> Xor(Vector512<T> a, Vector512<T> b) => a ^ b;
    [MethodImpl(Inline)] public static bool Any(Vector512<T> mask) => mask.AsByte() != Vector512<byte>.Zero;

    [MethodImpl(Inline)]
    public static Vector512<T> Clamp(Vector512<T> a, Vector512<T> low, Vector512<T> high) => Vector512.MinNative(high, Vector512.MaxNative(low, a)); // the second operand wins if either is NaN

    [MethodImpl(Inline)]
    public static Vector512<T> Scale(Vector512<T> a, Vector512<T> n)
    {
        if (typeof(T) == typeof(float) && Avx512F.IsSupported) return Avx512F.Scale(a.AsSingle(), n.AsSingle()).As<float, T>();
        if (typeof(T) == typeof(double) && Avx512F.IsSupported) return Avx512F.Scale(a.AsDouble(), n.AsDouble()).As<double, T>();
        return Vector512.Create(Simd256<T>.Scale(a.GetLower(), n.GetLower()), Simd256<T>.Scale(a.GetUpper(), n.GetUpper()));
    }

    [MethodImpl(Inline)] public static Vector512<T> ScaleNormal(Vector512<T> a, Vector512<T> n) => Scale(a, n);

    [MethodImpl(Inline)]
    public static Vector512<T> Split(Vector512<T> a, out Vector512<T> exponent)
    {
        const byte NearOne = 0b1011; // mantissa in [¾, 1½), NaN if negative
        if (typeof(T) == typeof(float) && Avx512F.IsSupported)
        {
            Vector512<float> m = Avx512F.GetMantissa(a.AsSingle(), NearOne);
            exponent = (Avx512F.GetExponent(a.AsSingle()) - Avx512F.GetExponent(m)).As<float, T>();
            return m.As<float, T>();
        }

        if (typeof(T) == typeof(double) && Avx512F.IsSupported)
        {
            Vector512<double> m = Avx512F.GetMantissa(a.AsDouble(), NearOne);
            exponent = (Avx512F.GetExponent(a.AsDouble()) - Avx512F.GetExponent(m)).As<double, T>();
            return m.As<double, T>();
        }

        Vector256<T> low = Simd256<T>.Split(a.GetLower(), out Vector256<T> lowExponent), high = Simd256<T>.Split(a.GetUpper(), out Vector256<T> highExponent);
        exponent = Vector512.Create(lowExponent, highExponent);
        return Vector512.Create(low, high);
    }

    [MethodImpl(Inline)]
    public static Vector512<T> TestBit(Vector512<T> a, int index)
        => typeof(T) == typeof(float)
            ? (~Vector512.Equals(a.AsInt32() & Vector512.Create(1 << index), Vector512<int>.Zero)).As<int, T>()
            : (~Vector512.Equals(a.AsInt64() & Vector512.Create(1L << index), Vector512<long>.Zero)).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> ShiftLeft(Vector512<T> a, int count)
        => typeof(T) == typeof(float) ? (a.AsInt32() << count).As<int, T>() : (a.AsInt64() << count).As<long, T>();

    [MethodImpl(Inline)]
    public static Vector512<T> Library<F>(Vector512<T> x, Vector512<T> y, Vector512<T> mask) where F : struct, ILibraryFunction => Any(mask) ? LibraryLanes.Replace<T, Vector512<T>, Simd512<T>, F>(x, y, mask) : y;

    [MethodImpl(Inline)] public static T Sum(Vector512<T> a) => Vector512.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(T* src, nint srcStride, T* dst, nint dstStride)
    {
        if (typeof(T) == typeof(float) && Avx512F.IsSupported) Transpose16((float*)src, srcStride, (float*)dst, dstStride);
        else if (typeof(T) == typeof(double) && Avx512F.IsSupported) Transpose8((double*)src, srcStride, (double*)dst, dstStride);
        else
            for (int i = 0; i < Count; i++)
                for (int j = 0; j < Count; j++)
                    dst[j * dstStride + i] = src[i * srcStride + j];
    }

    // 16 x 16: 4 x 4 blocks are transposed inside the 128-bit lanes, then the lanes are put in place.
    [MethodImpl(Inline)]
    private static void Transpose16(float* s, nint ss, float* d, nint ds)
    {
        Quad(s, ss, out var a0, out var a1, out var a2, out var a3);
        Quad(s + 4 * ss, ss, out var b0, out var b1, out var b2, out var b3);
        Quad(s + 8 * ss, ss, out var c0, out var c1, out var c2, out var c3);
        Quad(s + 12 * ss, ss, out var e0, out var e1, out var e2, out var e3);
        Lanes(a0, b0, c0, e0, d, 4 * ds);
        Lanes(a1, b1, c1, e1, d + ds, 4 * ds);
        Lanes(a2, b2, c2, e2, d + 2 * ds, 4 * ds);
        Lanes(a3, b3, c3, e3, d + 3 * ds, 4 * ds);
    }

    [MethodImpl(Inline)]
    private static void Quad(float* s, nint ss, out Vector512<float> o0, out Vector512<float> o1, out Vector512<float> o2, out Vector512<float> o3)
    {
        Vector512<float> r0 = Vector512.Load(s), r1 = Vector512.Load(s + ss), r2 = Vector512.Load(s + 2 * ss), r3 = Vector512.Load(s + 3 * ss);
        Vector512<double> t0 = Avx512F.UnpackLow(r0, r1).AsDouble(), t1 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> t2 = Avx512F.UnpackLow(r2, r3).AsDouble(), t3 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        o0 = Avx512F.UnpackLow(t0, t2).AsSingle();
        o1 = Avx512F.UnpackHigh(t0, t2).AsSingle();
        o2 = Avx512F.UnpackLow(t1, t3).AsSingle();
        o3 = Avx512F.UnpackHigh(t1, t3).AsSingle();
    }

    // 8 x 8: 2 x 2 blocks inside the lanes, then the lanes.
    [MethodImpl(Inline)]
    private static void Transpose8(double* s, nint ss, double* d, nint ds)
    {
        Pair(s, ss, out var a0, out var a1);
        Pair(s + 2 * ss, ss, out var b0, out var b1);
        Pair(s + 4 * ss, ss, out var c0, out var c1);
        Pair(s + 6 * ss, ss, out var e0, out var e1);
        Lanes(a0, b0, c0, e0, d, 2 * ds);
        Lanes(a1, b1, c1, e1, d + ds, 2 * ds);
    }

    [MethodImpl(Inline)]
    private static void Pair(double* s, nint ss, out Vector512<double> low, out Vector512<double> high)
    {
        Vector512<double> x = Vector512.Load(s), y = Vector512.Load(s + ss);
        low = Avx512F.UnpackLow(x, y);
        high = Avx512F.UnpackHigh(x, y);
    }

    /// <summary>Lane q of a, b, c, e becomes destination row q (rows are <paramref name="step"/> apart).</summary>
    [MethodImpl(Inline)]
    private static void Lanes<U>(Vector512<U> a, Vector512<U> b, Vector512<U> c, Vector512<U> e, U* d, nint step) where U : unmanaged
    {
        Vector512<double> ab02 = Avx512F.Shuffle4x128(a.AsDouble(), b.AsDouble(), 0x88), ab13 = Avx512F.Shuffle4x128(a.AsDouble(), b.AsDouble(), 0xDD);
        Vector512<double> ce02 = Avx512F.Shuffle4x128(c.AsDouble(), e.AsDouble(), 0x88), ce13 = Avx512F.Shuffle4x128(c.AsDouble(), e.AsDouble(), 0xDD);
        Avx512F.Shuffle4x128(ab02, ce02, 0x88).As<double, U>().Store(d);
        Avx512F.Shuffle4x128(ab13, ce13, 0x88).As<double, U>().Store(d + step);
        Avx512F.Shuffle4x128(ab02, ce02, 0xDD).As<double, U>().Store(d + 2 * step);
        Avx512F.Shuffle4x128(ab13, ce13, 0xDD).As<double, U>().Store(d + 3 * step);
    }

    [MethodImpl(Inline)]
    public static void Unzip(Vector512<T> a, Vector512<T> b, out Vector512<T> even, out Vector512<T> odd)
    {
        if (typeof(T) == typeof(float) && Avx512F.IsSupported)
        {
            Vector512<int> first = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            even = Avx512F.PermuteVar16x32x2(a.AsSingle(), first, b.AsSingle()).As<float, T>();
            odd = Avx512F.PermuteVar16x32x2(a.AsSingle(), first + Vector512<int>.One, b.AsSingle()).As<float, T>();
        }
        else if (typeof(T) == typeof(double) && Avx512F.IsSupported)
        {
            Vector512<long> first = Vector512.Create(0L, 2, 4, 6, 8, 10, 12, 14);
            even = Avx512F.PermuteVar8x64x2(a.AsDouble(), first, b.AsDouble()).As<double, T>();
            odd = Avx512F.PermuteVar8x64x2(a.AsDouble(), first + Vector512<long>.One, b.AsDouble()).As<double, T>();
        }
        else
        {
            UnzipSlow(a, b, out even, out odd);
        }
    }

    [MethodImpl(Inline)]
    public static void Zip(Vector512<T> even, Vector512<T> odd, out Vector512<T> a, out Vector512<T> b)
    {
        if (typeof(T) == typeof(float) && Avx512F.IsSupported)
        {
            Vector512<int> low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            a = Avx512F.PermuteVar16x32x2(even.AsSingle(), low, odd.AsSingle()).As<float, T>();
            b = Avx512F.PermuteVar16x32x2(even.AsSingle(), low + Vector512.Create(8), odd.AsSingle()).As<float, T>();
        }
        else if (typeof(T) == typeof(double) && Avx512F.IsSupported)
        {
            Vector512<long> low = Vector512.Create(0L, 8, 1, 9, 2, 10, 3, 11);
            a = Avx512F.PermuteVar8x64x2(even.AsDouble(), low, odd.AsDouble()).As<double, T>();
            b = Avx512F.PermuteVar8x64x2(even.AsDouble(), low + Vector512.Create(4L), odd.AsDouble()).As<double, T>();
        }
        else
        {
            ZipSlow(even, odd, out a, out b);
        }
    }

    private static void UnzipSlow(Vector512<T> a, Vector512<T> b, out Vector512<T> even, out Vector512<T> odd)
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

    private static void ZipSlow(Vector512<T> even, Vector512<T> odd, out Vector512<T> a, out Vector512<T> b)
    {
        T* pair = stackalloc T[2 * Count];
        for (int i = 0; i < Count; i++)
        {
            pair[2 * i] = even.GetElement(i);
            pair[2 * i + 1] = odd.GetElement(i);
        }

        a = Vector512.Load(pair);
        b = Vector512.Load(pair + Count);
    }
}
