/* Sums of squares of many tensors (pieces.cuh), three for each part, which the host adds up in order and in full precision: those of ordinary numbers, those of
   large ones times 2^-90 and those of small ones times 2^100, before they are squared, so that no square leaves the range of a float (Blue 1978). Numbers with the
   range of binary64 are all ordinary. NaN is ordinary, infinity large. MEMBER of a piece (x or g) is what is squared. ITEMS is the number of elements of a work item; GROUP is a power of two; every sum has a fixed order. */
#define ITEMS 64
#include "pieces.cuh"

#if REAL_DOUBLE
#define IS_LARGE(a) 0
#define IS_SMALL(a) 0
#define SHRINK R(1)
#define GROW R(1)
#else
#define IS_LARGE(a) ((a) > 281474976710656.0f)              /* 2^48 */
#define IS_SMALL(a) ((a) < 3.5527136788005009e-15f)         /* 2^-48 */
#define SHRINK BITS_F32(0x12800000u)                        /* 2^-90 */
#define GROW BITS_F32(0x71800000u)                          /* 2^100 */
#endif

#define SUM_PART(from, count, part) \
    REAL ordinary = R(0), large = R(0), little = R(0); \
    for (int k = 0; k < ITEMS; k++) { \
        const i64 i = (from) + k * GROUP + ITEM; \
        if (i < (count)) { \
            const REAL a = FABS(x[i]); \
            if (IS_LARGE(a)) large = FMA(a * SHRINK, a * SHRINK, large); \
            else if (IS_SMALL(a)) little = FMA(a * GROW, a * GROW, little); \
            else ordinary = FMA(a, a, ordinary); \
        } \
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
    if (ITEM == 0) { \
        GLOBAL REAL* result = sums_buffer + sums_offset + 3 * (part); \
        result[0] = sums0[0]; \
        result[1] = sums1[0]; \
        result[2] = sums2[0]; \
    }

#if TABLE
KERNEL(GROUP) squares_all(OUT(REAL, sums), IN(Piece, pieces), i64 pieces_count)
{
    SHARED REAL sums0[GROUP];
    SHARED REAL sums1[GROUP];
    SHARED REAL sums2[GROUP];
    GLOBAL const Piece* piece = pieces_buffer + pieces_offset + piece_of(pieces_buffer + pieces_offset, pieces_count, GROUP_X);
    GLOBAL const REAL* x = (GLOBAL const REAL*)piece->MEMBER;
    const i64 from = (GROUP_X - piece->start) * CHUNK, count = piece->count;
    SUM_PART(from, count, GROUP_X)
}
#else
KERNEL(GROUP) squares_one(OUT(REAL, sums), IN(REAL, x), i64 count, i64 start)
{
    SHARED REAL sums0[GROUP];
    SHARED REAL sums1[GROUP];
    SHARED REAL sums2[GROUP];
    AT(GLOBAL const REAL*, x);
    SUM_PART(GROUP_X * CHUNK, count, start + GROUP_X)
}
#endif
