/* counts[i] becomes the sum of counts[0 .. i-1], and counts[n], one more, the sum of all. One group; it goes through in steps of GROUP, a power of two. */
KERNEL(GROUP) nonzero_scan(OUT(i64, counts), i64 n)
{
    SHARED i64 sums[GROUP];
    AT(GLOBAL i64*, counts);
    i64 before = 0;
    for (i64 start = 0; start < n; start += GROUP) {
        const i64 own = start + ITEM < n ? counts[start + ITEM] : 0;
        sums[ITEM] = own;
        BARRIER();
        for (int step = 1; step < GROUP; step *= 2) {
            i64 lower = ITEM >= step ? sums[ITEM - step] : 0;
            BARRIER();
            sums[ITEM] += lower;
            BARRIER();
        }
        if (start + ITEM < n) counts[start + ITEM] = before + sums[ITEM] - own;
        before += sums[GROUP - 1];
        BARRIER();
    }
    if (ITEM == 0) counts[n] = before;
}
