/* Where x, a run of count elements, is not zero; NaN is not. First nonzero_count: how many are in each group's part, GROUP * ITEMS neighbours, ITEMS for a work item.
   Then, with the sums of all parts before (nonzero_scan.cu), nonzero_list writes their positions in order: counted through, or as `rank` indices where rank > 0.
   ITEMS is at least 1; GROUP is a power of two. */
#define ITEMS 8

typedef struct { i64 length[8]; } Lengths;

KERNEL(GROUP) nonzero_count(OUT(i64, counts), IN(T, x), i64 count)
{
    SHARED int found[GROUP];
    AT(GLOBAL const T*, x);
    const i64 first = (GROUP_X * GROUP + ITEM) * ITEMS;
    int own = 0;
    for (int k = 0; k < ITEMS; k++)
        if (first + k < count && x[first + k] != 0) own++;
    found[ITEM] = own;
    BARRIER();
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        if (ITEM < half_of) found[ITEM] += found[ITEM + half_of];
        BARRIER();
    }
    if (ITEM == 0) counts_buffer[counts_offset + GROUP_X] = found[0];
}

KERNEL(GROUP) nonzero_list(OUT(i64, y), IN(T, x), IN(i64, before), i64 count, int rank, Lengths lengths)
{
    SHARED int found[GROUP];
    AT(GLOBAL const T*, x);
    AT(GLOBAL i64*, y);
    const i64 first = (GROUP_X * GROUP + ITEM) * ITEMS;
    int own = 0;
    for (int k = 0; k < ITEMS; k++)
        if (first + k < count && x[first + k] != 0) own++;
    found[ITEM] = own;
    BARRIER();
    for (int step = 1; step < GROUP; step *= 2) {
        int lower = ITEM >= step ? found[ITEM - step] : 0;
        BARRIER();
        found[ITEM] += lower;
        BARRIER();
    }
    i64 place = before_buffer[before_offset + GROUP_X] + found[ITEM] - own;
    for (int k = 0; k < ITEMS; k++) {
        if (first + k >= count || x[first + k] == 0) continue;
        i64 rest = first + k;
        if (rank == 0) y[place] = rest;
        for (int d = rank - 1; d >= 0; d--) {
            const i64 above = rest / lengths.length[d];
            y[place * rank + d] = rest - above * lengths.length[d];
            rest = above;
        }
        place++;
    }
}
