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

    [MethodImpl(Inline)]
    public static T Scale(T a, T n)
        => typeof(T) == typeof(float)
            ? a * FromBits((ulong)(uint)((int.CreateTruncating(n) + 127) << 23))
            : a * FromBits((ulong)((long.CreateTruncating(n) + 1023) << 52));

    [MethodImpl(Inline)]
    public static T Split(T a, out T exponent)
    {
        ulong bits = Bits(a);
        if (typeof(T) == typeof(float))
        {
            exponent = T.CreateTruncating((int)(bits >> 23) - 127);
            return FromBits((bits & 0x007FFFFF) | 0x3F800000);
        }

        exponent = T.CreateTruncating((int)(bits >> 52) - 1023);
        return FromBits((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
    }

    [MethodImpl(Inline)] public static T Sum(T a) => a;
    [MethodImpl(Inline)] public static void Transpose(T* src, nint srcStride, T* dst, nint dstStride) => *dst = *src;

    [MethodImpl(Inline)] private static T Mask(bool value) => FromBits(value ? ulong.MaxValue : 0);

    [MethodImpl(Inline)]
    private static ulong Bits(T a) => typeof(T) == typeof(float) ? Unsafe.BitCast<T, uint>(a) : Unsafe.BitCast<T, ulong>(a);

    [MethodImpl(Inline)]
    private static T FromBits(ulong bits) => typeof(T) == typeof(float) ? Unsafe.BitCast<uint, T>((uint)bits) : Unsafe.BitCast<ulong, T>(bits);
}
