/* y[...] = x[... index[...] ...]: every element takes its own along one dimension. The walk's operands are y, x as if every place were the first along that
   dimension (`stride` elements lead to the next), and the index, whose memory has no gaps: so the place of an index in memory is its position.
   An index outside 0 .. bound-1 is a fault and reads nothing. T moves elements as bits; INDEX is int, or i64 where positions need it. A work item takes one element. */
#include "walk.cuh"

KERNEL(GROUP) gather(OUT(T, y), IN(T, x), IN(i64, index), Walk walk, i64 stride, i64 bound, FAULTS)
{
    i64 item = GROUP_X * GROUP + ITEM;
    if (item >= walk.count) return;
    INDEX rest = (INDEX)item, iy = 0, ix = 0, ii = 0;
    for (int d = (int)walk.rank - 1; d >= 0; d--) {
        INDEX length = (INDEX)walk.length[d], above = d == 0 ? 0 : rest / length, k = rest - above * length;
        iy += k * (INDEX)walk.stride[d][0];
        ix += k * (INDEX)walk.stride[d][1];
        ii += k * (INDEX)walk.stride[d][2];
        rest = above;
    }
    const i64 chosen = index_buffer[index_offset + ii];
    if ((u64)chosen < (u64)bound) {
        y_buffer[y_offset + iy] = x_buffer[x_offset + ix + chosen * stride];
    } else {
        y_buffer[y_offset + iy] = 0;
        FAULT(ii, chosen);
    }
}
