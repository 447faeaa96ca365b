/* y[i, h, f] = sum of w[number[j], h] x[from[j], h, f] over j in pointers[i] .. pointers[i + 1] - 1, in that order; w counts as 1 where WEIGHTED is 0.
   x [nodes, heads, features], w [edges, heads], y [rows, heads, features]. A work item computes one element; neighbours read neighbours.
   The lists of edges are the host's own: their values are within bounds. */
KERNEL(GROUP) sparse_matmul(OUT(REAL, y), IN(REAL, x), IN(REAL, w), IN(i64, pointers), IN(i64, from), IN(i64, numbers), i64 rows, i64 heads, i64 features)
{
    const i64 item = GROUP_X * GROUP + ITEM, width = heads * features;
    if (item >= rows * width) return;
    AT(GLOBAL const REAL*, x);
    AT(GLOBAL const REAL*, w);
    AT(GLOBAL const i64*, pointers);
    AT(GLOBAL const i64*, from);
    AT(GLOBAL const i64*, numbers);
    const i64 row = item / width, column = item - row * width;
    REAL sum = R(0);
    for (i64 j = pointers[row], end = pointers[row + 1]; j < end; j++) {
        const REAL value = x[from[j] * width + column];
#if WEIGHTED
        sum += w[numbers[j] * heads + column / features] * value;
#else
        sum += value;
#endif
    }
    y_buffer[y_offset + item] = sum;
}
