/* y[i] = the sum of partial[part][i] over `parts`, in order, plus a number per plane where `biased`: element i belongs to plane i / pixels, and plane b to filter
   b % filters. One element per work item. */
#include "windows.cuh"

KERNEL(GROUP) add_parts(OUT(REAL, y), IN(REAL, partial), IN(REAL, bias), i64 count, i64 parts, i64 pixels, i64 filters, int biased)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    GLOBAL const REAL* from = partial_buffer + partial_offset + item;
    REAL sum = R(0);
    for (i64 part = 0; part < parts; part++) sum += from[part * count];
    if (biased) {
        const i64 plane = quotient(item, pixels);
        sum += bias_buffer[bias_offset + plane - quotient(plane, filters) * filters];
    }
    y_buffer[y_offset + item] = sum;
}
