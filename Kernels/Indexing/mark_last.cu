/* last[p] = no later position has the index of p. `order` holds the positions with equal indices side by side, in order. A work item takes one place in it. */
KERNEL(GROUP) mark_last(OUT(u8, last), IN(i64, index), IN(i64, order), i64 count)
{
    i64 j = GROUP_X * GROUP + ITEM;
    if (j >= count) return;
    AT(GLOBAL const i64*, index);
    AT(GLOBAL const i64*, order);
    const i64 p = order[j];
    last_buffer[last_offset + p] = (u8)(j + 1 == count || index[order[j + 1]] != index[p]);
}
