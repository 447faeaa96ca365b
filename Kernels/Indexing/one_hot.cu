/* y[i, index[i]] = one for y [count, classes], row-major and filled with zeros. An index outside 0 .. classes-1 is a fault and writes nothing.
   T moves elements as bits. A work item takes one index. */
KERNEL(GROUP) one_hot(OUT(T, y), IN(i64, index), T one, i64 count, i64 classes, FAULTS)
{
    i64 i = GROUP_X * GROUP + ITEM;
    if (i >= count) return;
    const i64 chosen = index_buffer[index_offset + i];
    if ((u64)chosen < (u64)classes) y_buffer[y_offset + i * classes + chosen] = one;
    else FAULT(i, chosen);
}
