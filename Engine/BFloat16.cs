namespace Gradwright;

/// <summary>A 16-bit float with the exponent range of <see cref="float"/>: its upper half. Conversion rounds to nearest, ties to even; NaN stays NaN.</summary>
public readonly record struct BFloat16
{
    private readonly ushort _bits;

    private BFloat16(ushort bits) => _bits = bits;

    /// <summary>The number with exactly these bits.</summary>
    public static BFloat16 FromBits(ushort bits) => new(bits);

    /// <summary>Sign, 8 exponent bits, 7 mantissa bits.</summary>
    public ushort ToBits() => _bits;

    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return new((ushort)((bits >> 16) | 0x40));
        return new((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value._bits << 16);

    public override string ToString() => ((float)this).ToString();
}
