/* y = the sum of `parts` partial sums, divided. One group; GROUP is a power of two. ACCUMULATE: the type of the sums. */
KERNEL(GROUP) loss_total(OUT(REAL, y), IN(ACCUMULATE, partials), i64 parts, ACCUMULATE divisor)
{
    SHARED ACCUMULATE shared_sums[GROUP];
    ACCUMULATE total = (ACCUMULATE)0;
    for (i64 part = ITEM; part < parts; part += GROUP) total += partials_buffer[partials_offset + part];
    shared_sums[ITEM] = total;
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        BARRIER();
        if (ITEM < half_of) shared_sums[ITEM] += shared_sums[ITEM + half_of];
    }
    if (ITEM == 0) y_buffer[y_offset] = (REAL)(shared_sums[0] / divisor);
}
