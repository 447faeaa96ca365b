/* y[i] = 1 where word i mod 4 of block counter + i/4 of a stream is below the threshold, else 0. T is any type with numbers; y is one run of count elements.
   A work item makes the four elements of a block. */
#include "philox.cuh"

KERNEL(GROUP) random_bernoulli(OUT(T, y), i64 count, IN(u64, stream), u64 threshold)
{
    i64 item = GROUP_X * GROUP + ITEM, i = 4 * item;
    if (i >= count) return;
    const PhiloxBlock block = BLOCK_OF(stream, item);
    AT(GLOBAL T*, y);
    UNROLL for (int k = 0; k < 4; k++)
        if (i + k < count) y[i + k] = (T)((u64)block.word[k] < threshold ? 1 : 0);
}
