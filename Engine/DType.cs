namespace Gradwright;

/// <summary>The type of a tensor's elements.</summary>
public enum DType : byte
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary64.</summary>
    Float64,

    /// <summary>IEEE 754 binary16: 5 exponent bits, 10 mantissa bits.</summary>
    Float16,

    /// <summary>The upper half of a binary32: 8 exponent bits, 7 mantissa bits.</summary>
    BFloat16,

    /// <summary>64-bit signed integer: the type of every index.</summary>
    Int64,

    /// <summary>32-bit signed integer.</summary>
    Int32,

    /// <summary>8-bit signed integer.</summary>
    Int8,

    /// <summary>8-bit unsigned integer.</summary>
    UInt8,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Every element type, in order.</summary>
    public static IReadOnlyList<DType> All { get; } = Enum.GetValues<DType>();

    extension(DType dtype)
    {
        /// <summary>Bytes of one element.</summary>
        public int Size => dtype switch
        {
            DType.Float64 or DType.Int64 => 8,
            DType.Float32 or DType.Int32 => 4,
            DType.Float16 or DType.BFloat16 => 2,
            _ => 1,
        };

        /// <summary>True for the four floating-point types: the ones that carry gradients.</summary>
        public bool IsFloating => dtype <= DType.BFloat16;

        /// <summary>True for the 16-bit floating-point types, which are stored, not computed with.</summary>
        public bool IsHalf => dtype is DType.Float16 or DType.BFloat16;

        /// <summary>True for the signed and unsigned integer types; <see cref="DType.Bool"/> is not one.</summary>
        public bool IsInteger => dtype is DType.Int64 or DType.Int32 or DType.Int8 or DType.UInt8;
    }

    /// <summary>The element type that holds a C# type.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> has no counterpart.</exception>
    public static DType Of<T>() where T : unmanaged
        => typeof(T) == typeof(float) ? DType.Float32
        : typeof(T) == typeof(double) ? DType.Float64
        : typeof(T) == typeof(Half) ? DType.Float16
        : typeof(T) == typeof(BFloat16) ? DType.BFloat16
        : typeof(T) == typeof(long) ? DType.Int64
        : typeof(T) == typeof(int) ? DType.Int32
        : typeof(T) == typeof(sbyte) ? DType.Int8
        : typeof(T) == typeof(byte) ? DType.UInt8
        : typeof(T) == typeof(bool) ? DType.Bool
        : throw new DTypeException($"No tensor element type holds {typeof(T)}. Use float, double, Half, BFloat16, long, int, sbyte, byte or bool.");
}
