/* dx[b, i, k] = sum over j of g[b, i, j] sign(x[b, i, k] - y[b, j, k]), in the order of j, for x [.., p, length], y [.., r, length] and g [.., p, r]; `count` elements in all,
   one per work item. */
KERNEL(GROUP) manhattan_gradient(OUT(REAL, dx), IN(REAL, g), IN(REAL, x), IN(REAL, y), i64 count, i64 p, i64 r, i64 length)
{
    const i64 element = GROUP_X * GROUP + ITEM;
    if (element >= count) return;
    const i64 row = element / length, k = element - row * length;
    const REAL own = x_buffer[x_offset + element];
    GLOBAL const REAL* others = y_buffer + y_offset + row / p * r * length + k;
    GLOBAL const REAL* weights = g_buffer + g_offset + row * r;
    REAL sum = R(0);
    for (i64 j = 0; j < r; j++) {
        const REAL difference = own - others[j * length];
        sum = FMA(weights[j], difference > R(0) ? R(1) : difference < R(0) ? R(-1) : difference, sum);
    }
    dx_buffer[dx_offset + element] = sum;
}
