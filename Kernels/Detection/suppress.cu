/* Which boxes stay when each one that overlaps an earlier one that stays is dropped. First all overlaps: bit j of row i, in words of 32, is set if box j > i
   overlaps box i and is of its class (where classes are given): the intersection exceeds the threshold times the union. Then one group goes through the boxes in
   order, 32 at a time: whoever looks after the word of these boxes says which are dropped so far, all settle the rest among themselves, and each takes over what
   those that stay drop in its own words. */
KERNEL(GROUP) suppress_find(OUT(u32, overlaps), IN(REAL, boxes), IN(i64, classes), i64 count, i64 words, REAL threshold)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count * words) return;
    const i64 i = item / words, first = (item - i * words) * 32;
    AT(GLOBAL const REAL*, boxes);
    const REAL left = boxes[4 * i], top = boxes[4 * i + 1], right = boxes[4 * i + 2], bottom = boxes[4 * i + 3], area = (right - left) * (bottom - top);
    u32 word = 0;
    for (int k = 0; k < 32; k++) {
        const i64 j = first + k;
        if (j <= i || j >= count) continue;
        if (classes_buffer && classes_buffer[classes_offset + i] != classes_buffer[classes_offset + j]) continue;
        GLOBAL const REAL* b = boxes + 4 * j;
        const REAL width = (right < b[2] || b[2] != b[2] ? right : b[2]) - (left > b[0] || b[0] != b[0] ? left : b[0]);
        const REAL height = (bottom < b[3] || b[3] != b[3] ? bottom : b[3]) - (top > b[1] || b[1] != b[1] ? top : b[1]);
        if (!(width > R(0)) || !(height > R(0))) continue;
        const REAL both = width * height;
        if (both > threshold * (area + (b[2] - b[0]) * (b[3] - b[1]) - both)) word |= (u32)1 << k;
    }
    overlaps_buffer[overlaps_offset + item] = word;
}

KERNEL(GROUP) suppress_sweep(OUT(u8, stays), OUT(u32, dropped), IN(u32, overlaps), i64 count, i64 words)
{
    SHARED u32 published;
    AT(GLOBAL u32*, dropped);
    AT(GLOBAL const u32*, overlaps);
    for (i64 word = 0; word < words; word++) {
        if (ITEM == (int)(word % GROUP)) published = dropped[word];
        BARRIER();
        u32 gone = published;
        for (int k = 0; k < 32 && word * 32 + k < count; k++)
            if (!(gone >> k & 1)) gone |= overlaps[(word * 32 + k) * words + word];
        for (int k = ITEM; k < 32 && word * 32 + k < count; k += GROUP) stays_buffer[stays_offset + word * 32 + k] = (u8)(1 - (gone >> k & 1));
        /* The words of an item lie GROUP apart: nobody else reads or writes them. */
        for (i64 own = ITEM; own < words; own += GROUP) {
            if (own <= word) continue;
            u32 more = 0;
            for (int k = 0; k < 32 && word * 32 + k < count; k++)
                if (!(gone >> k & 1)) more |= overlaps[(word * 32 + k) * words + own];
            dropped[own] |= more;
        }
        BARRIER();
    }
}
