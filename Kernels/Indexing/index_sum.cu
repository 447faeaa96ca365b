/* y[o, index[p], k] += g[o, p, k] for y [outer, length, inner] of zeros and g [outer, positions, inner]; every sum is taken in the order of p, starting from zero.
   The index is a vector of positions, or has g's shape where COLUMNS is 1: then every (o, k) has indices of its own. `order` has the index's shape: a stable
   order along the positions, which puts equal indices side by side. A work item takes one place (o, j, k) in it; if the equal indices begin there, it adds up
   what belongs to them, else it has nothing to do. So the work is that of all additions, and the longest sum is the longest wait.
   An index outside 0 .. length-1 is a fault and writes nothing. T is any type with numbers; INDEX is int, or i64 where positions need it. */
#if COLUMNS
#define PLACE(j) ((o * (INDEX)positions + (INDEX)(j)) * (INDEX)inner + k)
#else
#define PLACE(j) ((INDEX)(j))
#endif

KERNEL(GROUP) index_sum(OUT(T, y), IN(T, g), IN(i64, index), IN(i64, order), i64 outer, i64 positions, i64 inner, i64 length, FAULTS)
{
    i64 item = GROUP_X * GROUP + ITEM;
    if (item >= outer * positions * inner) return;
    AT(GLOBAL const T*, g);
    AT(GLOBAL const i64*, index);
    AT(GLOBAL const i64*, order);
    const INDEX row = (INDEX)item / (INDEX)inner, k = (INDEX)item - row * (INDEX)inner, o = row / (INDEX)positions;
    INDEX j = row - o * (INDEX)positions, p = (INDEX)order[PLACE(j)];
    const i64 chosen = index[PLACE(p)];
    if (j > 0 && index[PLACE(order[PLACE(j - 1)])] == chosen) return;
    if ((u64)chosen >= (u64)length) {
        FAULT(PLACE(p), chosen);
        return;
    }
    T sum = 0;
    do {
        sum = (T)(sum + g[(o * (INDEX)positions + p) * (INDEX)inner + k]);
        if (++j == (INDEX)positions) break;
        p = (INDEX)order[PLACE(j)];
    } while (index[PLACE(p)] == chosen);
    y_buffer[y_offset + (o * length + chosen) * inner + k] = sum;
}
