/* Notes the first of count lengths that is not between 0 and steps. A work item looks at one. */
KERNEL(GROUP) check_lengths(IN(i64, lengths), i64 count, i64 steps, FAULTS)
{
    const i64 i = GROUP_X * GROUP + ITEM;
    if (i >= count) return;
    const i64 length = lengths_buffer[lengths_offset + i];
    if (length < 0 || length > steps) FAULT(i, length);
}
