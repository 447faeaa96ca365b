/* y[i] = start + i * step, computed in double and converted as cast.cuh does; the last element is exactly `last`. CONVERT is the conversion. A work item takes one element. */
#include "cast.cuh"

KERNEL(GROUP) sequence(OUT(T, y), i64 count, double start, double step, double last)
{
    i64 i = GROUP_X * GROUP + ITEM;
    if (i >= count) return;
    const double a = i == count - 1 ? last : start + (double)i * step;
    y_buffer[y_offset + i] = CONVERT(a);
}
