/* y[i] = value for `count` elements of 8 bytes, for accelerators whose own fill has patterns of at most 4 bytes. One element per work item. */
KERNEL(GROUP) fill_u64(OUT(u64, y), u64 value, i64 count)
{
    i64 i = GROUP_X * GROUP + ITEM;
    if (i < count) y_buffer[y_offset + i] = value;
}
