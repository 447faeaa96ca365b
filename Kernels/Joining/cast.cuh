/* Conversions between element types as the CPU makes them: to nearest, ties to even; to integers towards zero, saturated, NaN to 0.
   Half and BFloat16 are bits (u16), converted by integer arithmetic: no device needs the types. A NaN keeps its sign and the upper bits of its payload.
   USES_DOUBLE is defined where the kernel's element types need double precision. */
DEVICE float half_to_float(u16 a)
{
    u32 sign = (u32)(a & 0x8000) << 16, rest = (u32)(a & 0x7FFF);
    if (rest >= 0x7C00u) return BITS_F32(sign | 0x7F800000u | (rest > 0x7C00u ? 0x00400000u : 0u) | (rest & 0x3FFu) << 13);
    if (rest >= 0x0400u) return BITS_F32(sign | ((rest << 13) + 0x38000000u));      /* 112 more in the exponent */
    /* Subnormal: a multiple of 2^-24, which is exact in float. */
    return BITS_F32(sign | F32_BITS((float)(int)rest * 5.9604644775390625e-8f));
}

/* The upper bits of a significand whose lower `drop` bits go, rounded to nearest even. */
DEVICE u64 round_off(u64 significand, int drop)
{
    u64 kept = significand >> drop, rest = significand - (kept << drop), middle = (u64)1 << (drop - 1);
    return kept + (u64)(rest > middle || (rest == middle && (kept & 1)));
}

/* A half from a sign (in bit 15), an exponent (unbiased) and a significand of `bits` bits behind its leading one. */
DEVICE u16 half_of(u32 sign, int exponent, u64 significand, int bits)
{
    if (exponent > 15) return (u16)(sign | 0x7C00u);
    if (exponent < -25) return (u16)sign;
    /* A carry out of the significand goes into the exponent, which is right, up to infinity. */
    if (exponent >= -14) return (u16)(sign | (((u32)(exponent + 14) << 10) + (u32)round_off(significand, bits - 10)));
    return (u16)(sign | (u32)round_off(significand, bits - 10 + (-14 - exponent)));
}

DEVICE u16 float_to_half(float a)
{
    u32 word = F32_BITS(a), sign = word >> 16 & 0x8000u, rest = word & 0x7FFFFFFFu;
    if (rest > 0x7F800000u) return (u16)(sign | 0x7E00u | (rest >> 13 & 0x3FFu));
    if (rest < 0x00800000u) return (u16)sign;       /* float's subnormals are far below half's */
    return half_of(sign, (int)(rest >> 23) - 127, (u64)((rest & 0x007FFFFFu) | 0x00800000u), 23);
}

DEVICE float bfloat_to_float(u16 a) { return BITS_F32((u32)a << 16); }

DEVICE u16 float_to_bfloat(float a)
{
    u32 word = F32_BITS(a);
    if ((word & 0x7FFFFFFFu) > 0x7F800000u) return (u16)(word >> 16 | 0x40u);
    return (u16)((word + 0x7FFFu + (word >> 16 & 1u)) >> 16);
}

DEVICE int float_to_int(float a, int low, int high)
{
    return a != a ? 0 : a <= (float)low ? low : a >= (float)high ? high : (int)a;
}

DEVICE i64 float_to_long(float a)
{
    return a != a ? (i64)0 : a >= 9223372036854775808.0f ? (i64)0x7FFFFFFFFFFFFFFF : a <= -9223372036854775808.0f ? (i64)((u64)1 << 63) : (i64)a;
}

DEVICE int long_to_int(i64 a, int low, int high) { return a <= (i64)low ? low : a >= (i64)high ? high : (int)a; }

#ifdef USES_DOUBLE
DEVICE u16 double_to_half(double a)
{
    u64 word = F64_BITS(a), rest = word & (u64)0x7FFFFFFFFFFFFFFF;
    u32 sign = (u32)(word >> 48) & 0x8000u;
    if (rest > (u64)0x7FF0000000000000) return (u16)(sign | 0x7E00u | ((u32)(rest >> 42) & 0x3FFu));
    if (rest < (u64)0x0010000000000000) return (u16)sign;
    return half_of(sign, (int)(rest >> 52) - 1023, (rest & (u64)0x000FFFFFFFFFFFFF) | (u64)0x0010000000000000, 52);
}

DEVICE int double_to_int(double a, int low, int high)
{
    return a != a ? 0 : a <= (double)low ? low : a >= (double)high ? high : (int)a;
}

DEVICE i64 double_to_long(double a)
{
    return a != a ? (i64)0 : a >= 9223372036854775808.0 ? (i64)0x7FFFFFFFFFFFFFFF : a <= -9223372036854775808.0 ? (i64)((u64)1 << 63) : (i64)a;
}
#endif
