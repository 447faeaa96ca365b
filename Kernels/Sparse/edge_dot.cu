/* z[e, h] = sum of a[to[e], h, f] b[from[e], h, f] over f, in blocks. A work item computes one element of z [edges, heads]; count of them.
   The lists of edges are the host's own: their values are within bounds. */
#define BLOCK 32

KERNEL(GROUP) edge_dot(OUT(REAL, z), IN(REAL, a), IN(REAL, b), IN(i64, to), IN(i64, from), i64 count, i64 heads, i64 features)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const i64 edge = item / heads, head = item - edge * heads;
    GLOBAL const REAL* left = a_buffer + a_offset + ((to_buffer + to_offset)[edge] * heads + head) * features;
    GLOBAL const REAL* right = b_buffer + b_offset + ((from_buffer + from_offset)[edge] * heads + head) * features;
    REAL sum = R(0);
    for (i64 block = 0; block < features; block += BLOCK) {
        const i64 end = block + BLOCK < features ? block + BLOCK : features;
        REAL part = R(0);
        for (i64 f = block; f < end; f++) part = FMA(left[f], right[f], part);
        sum += part;
    }
    z_buffer[z_offset + item] = sum;
}
