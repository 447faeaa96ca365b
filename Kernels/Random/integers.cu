/* y[i] = low + floor(w * range / 2^64) for the 64 bits w of words 2i mod 4 and the next of block counter + i/2 of a stream. y is one run of count elements.
   A work item makes the two elements of a block. */
#include "philox.cuh"

KERNEL(GROUP) random_integers(OUT(i64, y), i64 count, IN(u64, stream), i64 low, u64 range)
{
    i64 item = GROUP_X * GROUP + ITEM, i = 2 * item;
    if (i >= count) return;
    const PhiloxBlock block = BLOCK_OF(stream, item);
    AT(GLOBAL i64*, y);
    UNROLL for (int k = 0; k < 2; k++) {
        u64 word = (u64)block.word[2 * k + 1] << 32 | block.word[2 * k];
        if (i + k < count) y[i + k] = (i64)((u64)low + MULHI_U64(word, range));
    }
}
