/* y[... index[p] ...] = value[... p ...] for those positions p that win, which are at most one for each place. The walk's operands are y as if every place were
   the first along the dimension (`stride` elements lead to the next), the value, the index and the wins, both of whose memory has no gaps.
   An index outside 0 .. bound-1 is a fault and writes nothing. T moves elements as bits; INDEX is int, or i64 where positions need it. A work item takes one value. */
#include "walk.cuh"

KERNEL(GROUP) index_put(OUT(T, y), IN(T, value), IN(i64, index), IN(u8, wins), Walk walk, i64 stride, i64 bound, FAULTS)
{
    i64 item = GROUP_X * GROUP + ITEM;
    if (item >= walk.count) return;
    INDEX rest = (INDEX)item, iy = 0, iv = 0, ii = 0;
    for (int d = (int)walk.rank - 1; d >= 0; d--) {
        INDEX length = (INDEX)walk.length[d], above = d == 0 ? 0 : rest / length, k = rest - above * length;
        iy += k * (INDEX)walk.stride[d][0];
        iv += k * (INDEX)walk.stride[d][1];
        ii += k * (INDEX)walk.stride[d][2];
        rest = above;
    }
    const i64 chosen = index_buffer[index_offset + ii];
    if ((u64)chosen >= (u64)bound) FAULT(ii, chosen);
    else if (wins_buffer[wins_offset + ii]) y_buffer[y_offset + iy + chosen * stride] = value_buffer[value_offset + iv];
}
