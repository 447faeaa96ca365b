/* Draws of categories from rows of weights, the same as on the CPU. arrival(word, weight) is written out from its formula.
   With replacement: multinomial_units makes whole numbers of the weights, round(2^40 w / max of the row), whose running sums (scan.cu) are exact; then
   multinomial_draw takes, for draw i of all, the first category whose sum exceeds floor(u total / 2^64) with the 64 bits u of words 2i mod 4 and the next of
   block i/2 of the stream.
   Without: multinomial_arrive says when each category arrives, from word i mod 4 of block i/4 for element i (an item makes the four of a block); the first to arrive
   are found by sorting; multinomial_take copies them and sees to it that none has the weight 0.
   A weight that is negative, infinite or no number, and a row without enough weights, is a fault at its element. */
#include "philox.cuh"

#define IS_WEIGHT(w) ((w) >= R(0) && (w) < INFINITE)

KERNEL(GROUP) multinomial_units(OUT(i64, units), IN(REAL, weights), IN(REAL, maxima), i64 count, i64 categories, FAULTS)
{
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= count) return;
    const REAL weight = weights_buffer[weights_offset + i], max = maxima_buffer[maxima_offset + i / categories];
    i64 own = 1;
    if (!IS_WEIGHT(weight)) FAULT(i, 0);
    else if (max == R(0)) FAULT(i / categories * categories, 0);
    else if (max > R(0) && max < INFINITE) own = (i64)RINT(weight / max * R(1099511627776.0));
    units_buffer[units_offset + i] = own;
}

KERNEL(GROUP) multinomial_draw(OUT(i64, y), IN(i64, sums), IN(u64, stream), i64 count, i64 draws, i64 categories)
{
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= count) return;
    const PhiloxBlock block = BLOCK_OF(stream, i / 2);
    const int word = (int)(i % 2) * 2;
    const u64 u = (u64)block.word[word + 1] << 32 | block.word[word];
    GLOBAL const i64* sum = sums_buffer + sums_offset + i / draws * categories;
    const i64 place = (i64)MULHI_U64(u, (u64)sum[categories - 1]);
    i64 low = 0, high = categories - 1;
    while (low < high) {
        const i64 middle = (low + high) / 2;
        if (sum[middle] > place) high = middle;
        else low = middle + 1;
    }
    y_buffer[y_offset + i] = low;
}

KERNEL(GROUP) multinomial_arrive(OUT(REAL, times), IN(REAL, weights), IN(u64, stream), i64 count, FAULTS)
{
    const i64 item = GROUP_X * GROUP + ITEM, i = 4 * item;
    if (i >= count) return;
    const PhiloxBlock block = BLOCK_OF(stream, item);
    for (int k = 0; k < 4 && i + k < count; k++) {
        const REAL weight = weights_buffer[weights_offset + i + k];
        if (!IS_WEIGHT(weight)) FAULT(i + k, 0);
        times_buffer[times_offset + i + k] = arrival(R(block.word[k]), weight);
    }
}

KERNEL(GROUP) multinomial_take(OUT(i64, y), IN(i64, first), IN(REAL, weights), i64 count, i64 draws, i64 categories, FAULTS)
{
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= count) return;
    const i64 start = i / draws * categories, chosen = first_buffer[first_offset + i];
    if (!(weights_buffer[weights_offset + start + chosen] > R(0))) FAULT(start, 0);
    y_buffer[y_offset + i] = chosen;
}
