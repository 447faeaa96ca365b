/* Normally distributed numbers by Box and Muller's method: words 0 and 1 of a block make elements 0 and 1, words 2 and 3 the other two.
   normal_pair(u1, u2) is written out from the CPU's formula. y is one run of count elements; a work item makes the four of a block. */
#include "philox.cuh"
#include "unit.cuh"

KERNEL(GROUP) random_normal(OUT(REAL, y), i64 count, IN(u64, stream), REAL mean, REAL deviation)
{
    i64 item = GROUP_X * GROUP + ITEM, i = 4 * item;
    if (i >= count) return;
    const PhiloxBlock block = BLOCK_OF(stream, item);
    AT(GLOBAL REAL*, y);
    UNROLL for (int k = 0; k < 4; k += 2) {
        const RealPair z = normal_pair(unit_number(block.word[k]) + UNIT_STEP, unit_number(block.word[k + 1]));
        if (i + k < count) y[i + k] = FMA(z.first, deviation, mean);
        if (i + k + 1 < count) y[i + k + 1] = FMA(z.second, deviation, mean);
    }
}
