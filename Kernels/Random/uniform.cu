/* y[i] = low + u * range with one rounding, u in [0, 1) from word i mod 4 of block counter + i/4 of a stream. y is one run of count elements.
   A work item makes the four elements of a block. */
#include "philox.cuh"
#include "unit.cuh"

KERNEL(GROUP) random_uniform(OUT(REAL, y), i64 count, IN(u64, stream), REAL low, REAL range)
{
    i64 item = GROUP_X * GROUP + ITEM, i = 4 * item;
    if (i >= count) return;
    const PhiloxBlock block = BLOCK_OF(stream, item);
    AT(GLOBAL REAL*, y);
    UNROLL for (int k = 0; k < 4; k++)
        if (i + k < count) y[i + k] = FMA(unit_number(block.word[k]), range, low);
}
