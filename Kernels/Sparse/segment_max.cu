/* y[s, c] = the largest x[e, c] over e = order[j], j in pointers[s] .. pointers[s + 1] - 1, the first of equal ones; a NaN wins; 0 for an empty segment.
   at[s, c], where with_at says so: that e, or `empty`. A work item computes one of count elements. The lists are the host's own: their values are within bounds. */
KERNEL(GROUP) segment_max(OUT(REAL, y), OUT(i64, at), IN(REAL, x), IN(i64, pointers), IN(i64, order), i64 count, i64 columns, i64 empty, i64 with_at)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    AT(GLOBAL const REAL*, x);
    AT(GLOBAL const i64*, pointers);
    AT(GLOBAL const i64*, order);
    const i64 segment = item / columns, column = item - segment * columns, first = pointers[segment], end = pointers[segment + 1];
    REAL best = R(0);
    i64 place = empty;
    for (i64 j = first; j < end; j++) {
        const i64 e = order[j];
        const REAL value = x[e * columns + column];
        if (j == first || value > best || (value != value && best == best)) {
            best = value;
            place = e;
        }
    }
    y_buffer[y_offset + item] = best;
    if (with_at) at_buffer[at_offset + item] = place;
}
