using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Gradwright.Kernels;

/// <summary>One lane: machines without vector instructions, and formulas evaluated for a single number.</summary>
public readonly unsafe struct SimdScalar<T> : ISimd<T, T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Count => 1;
    public static int Registers => 16;

    [MethodImpl(Inline)] public static T Load(T* address) => *address;
    [MethodImpl(Inline)] public static void Store(T* address, T value) => *address = value;
    [MethodImpl(Inline)] public static void StoreNonTemporal(T* address, T value) => *address = value;
    [MethodImpl(Inline)] public static T LoadPart(T* address, int n) => n > 0 ? *address : default;

    [MethodImpl(Inline)]
    public static void StorePart(T* address, int n, T value)
    {
        if (n > 0) *address = value;
    }

    [MethodImpl(Inline)] public static T Broadcast(T value) => value;
    [MethodImpl(Inline)] public static T Constant(double value) => typeof(T) == typeof(float) ? (T)(object)(float)value : (T)(object)value;
    [MethodImpl(Inline)] public static T Add(T a, T b) => a + b;
    [MethodImpl(Inline)] public static T Subtract(T a, T b) => a - b;
    [MethodImpl(Inline)] public static T Multiply(T a, T b) => a * b;
    [MethodImpl(Inline)] public static T Divide(T a, T b) => a / b;
    [MethodImpl(Inline)] public static T Negate(T a) => -a;
    [MethodImpl(Inline)] public static T Abs(T a) => T.Abs(a);
    [MethodImpl(Inline)] public static T Sqrt(T a) => T.Sqrt(a);
    [MethodImpl(Inline)] public static T Fma(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);

    [MethodImpl(Inline)]
    public static T MultiplyAdd(T a, T b, T c)
        => System.Runtime.Intrinsics.X86.Fma.IsSupported || AdvSimd.IsSupported ? T.FusedMultiplyAdd(a, b, c) : a * b + c;

    [MethodImpl(Inline)] public static T Max(T a, T b) => T.Max(a, b);
    [MethodImpl(Inline)] public static T Min(T a, T b) => T.Min(a, b);
    [MethodImpl(Inline)] public static T Floor(T a) => T.Floor(a);
    [MethodImpl(Inline)] public static T Ceiling(T a) => T.Ceiling(a);
    [MethodImpl(Inline)] public static T Truncate(T a) => T.Truncate(a);
    [MethodImpl(Inline)] public static T Round(T a) => T.Round(a);
    [MethodImpl(Inline)] public static T Equal(T a, T b) => Mask(a == b);
    [MethodImpl(Inline)] public static T Less(T a, T b) => Mask(a < b);
    [MethodImpl(Inline)] public static T LessOrEqual(T a, T b) => Mask(a <= b);
    [MethodImpl(Inline)] public static T IsNaN(T a) => Mask(T.IsNaN(a));
    [MethodImpl(Inline)] public static T Select(T mask, T yes, T no) => Bits(mask) != 0 ? yes : no;
    [MethodImpl(Inline)] public static T And(T a, T b) => FromBits(Bits(a) & Bits(b));
    [MethodImpl(Inline)] public static T Or(T a, T b) => FromBits(Bits(a) | Bits(b));
    [MethodImpl(Inline)] public static T AndNot(T a, T notB) => FromBits(Bits(a) & ~Bits(notB));
    [MethodImpl(Inline)] public static T Xor(T a, T b) => FromBits(Bits(a) ^ Bits(b));
    [MethodImpl(Inline)] public static bool Any(T mask) => Bits(mask) != 0;

    [MethodImpl(Inline)] public static T Clamp(T a, T low, T high) => a < low ? low : a > high ? high : a;

    [MethodImpl(Inline)]
    public static T Scale(T a, T n)
    {
        // Two factors, so that neither leaves the range of normal numbers; the first product is exact.
        long all = long.CreateTruncating(n), half = all >> 1;
        return typeof(T) == typeof(float)
            ? a * FromBits((ulong)(half + 127) << 23) * FromBits((ulong)(all - half + 127) << 23)
            : a * FromBits((ulong)(half + 1023) << 52) * FromBits((ulong)(all - half + 1023) << 52);
    }

    [MethodImpl(Inline)] public static T ScaleNormal(T a, T n) => Scale(a, n);

    [MethodImpl(Inline)]
    public static T Split(T a, out T exponent)
    {
        exponent = T.IsPositiveInfinity(a) ? a : T.NegativeInfinity;
        if (T.IsZero(a) || T.IsPositiveInfinity(a)) return T.One;
        if (!(a > T.Zero)) return T.NaN;

        // Adding the distance from ¾ to 1 carries into the exponent exactly when the mantissa is 1½ or more.
        bool subnormal = T.IsSubnormal(a);
        ulong bits = Bits(subnormal ? a * Constant(18014398509481984) : a); // · 2⁵⁴
        bits += typeof(T) == typeof(float) ? 0x00400000 : 0x0008000000000000UL;
        int biased = typeof(T) == typeof(float) ? (int)(bits >> 23) - 127 : (int)(bits >> 52) - 1023;
        exponent = T.CreateTruncating(biased - (subnormal ? 54 : 0));
        return typeof(T) == typeof(float)
            ? FromBits((bits & 0x007FFFFF) + 0x3F400000)
            : FromBits((bits & 0x000FFFFFFFFFFFFF) + 0x3FE8000000000000);
    }

    [MethodImpl(Inline)] public static T TestBit(T a, int index) => Mask((Bits(a) >> index & 1) != 0);
    [MethodImpl(Inline)] public static T ShiftLeft(T a, int count) => FromBits(Bits(a) << count);

    [MethodImpl(Inline)]
    public static T Library<F>(T x, T y, T mask) where F : struct, ILibraryFunction => Any(mask) ? LibraryLanes.Replace<T, T, SimdScalar<T>, F>(x, y, mask) : y;

    [MethodImpl(Inline)] public static T Sum(T a) => a;
    [MethodImpl(Inline)] public static void Transpose(T* src, nint srcStride, T* dst, nint dstStride) => *dst = *src;

    [MethodImpl(Inline)] private static T Mask(bool value) => FromBits(value ? ulong.MaxValue : 0);

    [MethodImpl(Inline)]
    private static ulong Bits(T a) => typeof(T) == typeof(float) ? Unsafe.BitCast<T, uint>(a) : Unsafe.BitCast<T, ulong>(a);

    [MethodImpl(Inline)]
    private static T FromBits(ulong bits) => typeof(T) == typeof(float) ? Unsafe.BitCast<uint, T>((uint)bits) : Unsafe.BitCast<ulong, T>(bits);

    [MethodImpl(Inline)] public static void Unzip(T a, T b, out T even, out T odd) => (even, odd) = (a, b);
    [MethodImpl(Inline)] public static void Zip(T even, T odd, out T a, out T b) => (a, b) = (even, odd);
}
