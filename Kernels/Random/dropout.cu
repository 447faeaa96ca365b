/* y[i] = x[i] * scale where word i mod 4 of block counter + i/4 of a stream is below the threshold, else 0: NaN and infinity are dropped like any number.
   Where ADDS is 1, addend[i] is added. All are runs of count elements; a work item takes the four elements of a block, at once where ALIGNED says that all runs start at a
   multiple of 4. */
#include "philox.cuh"

#if ALIGNED
typedef struct __attribute__((aligned(16))) { REAL at[4]; } Four;
#endif

KERNEL(GROUP) dropout(OUT(REAL, y), IN(REAL, x), i64 count, IN(u64, stream), u64 threshold, REAL scale
#if ADDS
    , IN(REAL, addend)
#endif
)
{
    i64 item = GROUP_X * GROUP + ITEM, i = 4 * item;
    if (i >= count) return;
    const PhiloxBlock block = BLOCK_OF(stream, item);
    AT(GLOBAL REAL*, y);
    AT(GLOBAL const REAL*, x);
#if ADDS
    AT(GLOBAL const REAL*, addend);
#define SUM(kept, more) ((kept) + (more))
#else
#define SUM(kept, more) (kept)
#endif
#if ALIGNED
    if (i + 4 <= count) {
        const Four values = *(GLOBAL const Four*)(x + i);
#if ADDS
        const Four more = *(GLOBAL const Four*)(addend + i);
#endif
        Four results;
        UNROLL for (int k = 0; k < 4; k++) results.at[k] = SUM((u64)block.word[k] < threshold ? values.at[k] * scale : R(0), more.at[k]);
        *(GLOBAL Four*)(y + i) = results;
        return;
    }
#endif
    UNROLL for (int k = 0; k < 4; k++)
        if (i + k < count) y[i + k] = SUM((u64)block.word[k] < threshold ? x[i + k] * scale : R(0), addend[i + k]);
}
