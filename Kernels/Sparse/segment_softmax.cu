/* The softmax over the positions order[j], j in pointers[s] .. pointers[s + 1] - 1, of each segment s and column c of x [positions, columns]; the largest comes off first.
   GRADIENT: y = w (x - sum of x w), for the arrived gradient x and the softmax w. A work item takes one segment and column, of which there are count.
   The lists are the host's own: their values are within bounds, and every position is in one segment. */
#define PLACE(j) (order[j] * columns + column)

KERNEL(GROUP) segment_softmax(OUT(REAL, y), IN(REAL, x), IN(REAL, w), IN(i64, pointers), IN(i64, order), i64 count, i64 columns)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    AT(GLOBAL REAL*, y);
    AT(GLOBAL const REAL*, x);
    AT(GLOBAL const REAL*, w);
    AT(GLOBAL const i64*, pointers);
    AT(GLOBAL const i64*, order);
    const i64 segment = item / columns, column = item - segment * columns, first = pointers[segment], end = pointers[segment + 1];
    REAL sum = R(0);
#if GRADIENT
    for (i64 j = first; j < end; j++) sum += x[PLACE(j)] * w[PLACE(j)];
    for (i64 j = first; j < end; j++) y[PLACE(j)] = w[PLACE(j)] * (x[PLACE(j)] - sum);
#else
    REAL largest = -INFINITE;
    for (i64 j = first; j < end; j++) largest = largest < x[PLACE(j)] ? x[PLACE(j)] : largest;
    for (i64 j = first; j < end; j++) {
        const REAL e = real_exp(x[PLACE(j)] - largest);
        y[PLACE(j)] = e;
        sum += e;
    }
    const REAL scale = R(1) / sum;
    for (i64 j = first; j < end; j++) y[PLACE(j)] *= scale;
#endif
}
