/* Trust ratios of tensors: ratios[k] = min(trust |x| / (|g| + decay |x| + epsilon), largest) with the norms of tensor k and of its gradient, from the sums that
   squares.cu gave for their parts; 1 where either norm is not positive. One group per tensor: work item i adds up the parts i, i + GROUP, ... and a tree adds up
   the work items. GROUP is a power of two and, like ITEMS, that of squares.cu. */
#define ITEMS 64
#include "pieces.cuh"

/* The root of the three sums: ordinary numbers, large ones times 2^-90, small ones times 2^100. */
DEVICE REAL norm_of(REAL ordinary, REAL large, REAL little)
{
#if REAL_DOUBLE
    return SQRT(ordinary);
#else
    const REAL shrink = BITS_F32(0x12800000u), grow = BITS_F32(0x6C800000u), tiny = BITS_F32(0x0D800000u);
    if (large > R(0)) return SQRT(large + ordinary * shrink * shrink) * grow;
    if (ordinary != R(0)) return SQRT(ordinary + little * tiny * tiny);
    return SQRT(little) * tiny;
#endif
}

#define ADD_UP(sums, from, count, norm) \
    REAL norm; \
    { \
        REAL ordinary = R(0), large = R(0), little = R(0); \
        for (i64 part = ITEM; part < (count); part += GROUP) { \
            GLOBAL const REAL* three = (sums) + 3 * ((from) + part); \
            ordinary += three[0]; \
            large += three[1]; \
            little += three[2]; \
        } \
        sums0[ITEM] = ordinary; \
        sums1[ITEM] = large; \
        sums2[ITEM] = little; \
        BARRIER(); \
        for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) { \
            if (ITEM < half_of) { \
                sums0[ITEM] += sums0[ITEM + half_of]; \
                sums1[ITEM] += sums1[ITEM + half_of]; \
                sums2[ITEM] += sums2[ITEM + half_of]; \
            } \
            BARRIER(); \
        } \
        norm = norm_of(sums0[0], sums1[0], sums2[0]); \
        BARRIER(); \
    }

#define PUT_RATIO(place, from, count) \
    ADD_UP(x_buffer + x_offset, from, count, x_norm) \
    ADD_UP(g_buffer + g_offset, from, count, g_norm) \
    if (ITEM == 0) { \
        const REAL ratio = trust * x_norm / (FMA(decay, x_norm, g_norm) + epsilon); \
        ratios_buffer[ratios_offset + (place)] = x_norm > R(0) && g_norm > R(0) ? real_min(ratio, largest) : R(1); \
    }

#if TABLE
KERNEL(GROUP) trust_all(OUT(REAL, ratios), IN(REAL, x), IN(REAL, g), IN(Piece, pieces), REAL trust, REAL decay, REAL epsilon, REAL largest)
{
    SHARED REAL sums0[GROUP];
    SHARED REAL sums1[GROUP];
    SHARED REAL sums2[GROUP];
    GLOBAL const Piece* piece = pieces_buffer + pieces_offset + GROUP_X;
    const i64 from = piece->start, count = (piece->count + CHUNK - 1) / CHUNK;
    PUT_RATIO(GROUP_X, from, count)
}
#else
KERNEL(GROUP) trust_one(OUT(REAL, ratios), IN(REAL, x), IN(REAL, g), i64 place, i64 from, i64 count, REAL trust, REAL decay, REAL epsilon, REAL largest)
{
    SHARED REAL sums0[GROUP];
    SHARED REAL sums1[GROUP];
    SHARED REAL sums2[GROUP];
    PUT_RATIO(place, from, count)
}
#endif
