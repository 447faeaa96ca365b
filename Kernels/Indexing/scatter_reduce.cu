/* y[o, index[o, p, k], k] takes in source[o, p, k] for y [outer, length, inner], which holds x, and source and index [outer, positions, inner], in the order of p.
   `order` has the index's shape: a stable order along the positions, which puts equal indices side by side. A work item takes one place (o, j, k) in it; if equal
   indices begin there, it takes together what belongs to them, else it has nothing to do. includes_self: x takes part, else it is replaced.
   counts, if wanted, receives how many numbers arrived at each place, and holds zeros before.
   REDUCTION 0: sum. 1: mean. 2: product. 3: the largest. 4: the smallest; NaN wins. INDEX is int, or i64 where positions need it.
   An index outside 0 .. length-1 is a fault and writes nothing. */
#if REDUCTION == 2
#define MEET(a, b) ((a) * (b))
#elif REDUCTION == 3
#define MEET(a, b) real_max(a, b)
#elif REDUCTION == 4
#define MEET(a, b) real_min(a, b)
#else
#define MEET(a, b) ((a) + (b))
#endif
#define PLACE(j) ((o * (INDEX)positions + (INDEX)(j)) * (INDEX)inner + k)

KERNEL(GROUP) scatter_reduce(OUT(REAL, y), OUT(REAL, counts), IN(REAL, source), IN(i64, index), IN(i64, order), i64 outer, i64 positions, i64 inner,
    int includes_self, int keeps, i64 length, FAULTS)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= outer * positions * inner) return;
    AT(GLOBAL const REAL*, source);
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
    const INDEX place = (o * (INDEX)length + (INDEX)chosen) * (INDEX)inner + k;
    REAL total = source[PLACE(p)], count = R(1);
    if (includes_self) total = MEET(y_buffer[y_offset + place], total);
    while (++j < (INDEX)positions) {
        p = (INDEX)order[PLACE(j)];
        if (index[PLACE(p)] != chosen) break;
        total = MEET(total, source[PLACE(p)]);
        count += R(1);
    }
#if REDUCTION == 1
    total /= count + R(includes_self);
#endif
    y_buffer[y_offset + place] = total;
    if (keeps) counts_buffer[counts_offset + place] = count;
}
