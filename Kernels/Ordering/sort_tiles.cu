/* Sorts TILE elements at a time by (key, position): bitonic, in shared memory. Keys are numbers whose unsigned order is the order asked for; positions make all
   elements different, so the order is stable. x is [outer, length, inner], row-major; a line is x[o, :, k].
   A line of at most TILE elements takes the next power of two, 1 << log_width; several share a group, and the first `kept` positions of each go to y
   [outer, kept, inner]. A longer line takes `tiles` groups, which leave sorted runs of TILE keys and positions, [line, length], to merge_runs.cu: the first `kept`
   of each, since no more of it can come among the first of the line.
   TILE is a power of two and a multiple of 2 * GROUP; KEY is u32 or u64, as wide as T. */
DEVICE KEY key_of(T value, int descending)
{
#if FLOATING
    /* Bit patterns of positive numbers are in order, those of negative ones in reverse; -0 counts as 0, NaN comes last. */
    KEY bits = WORD(value), key;
    const KEY sign = (KEY)1 << (8 * sizeof(KEY) - 1);
    if (value != value) return ~(KEY)0;
    if (bits == sign) bits = 0;
    key = bits & sign ? ~bits : bits | sign;
#else
    const KEY key = (KEY)(i64)value ^ (KEY)1 << (8 * sizeof(KEY) - 1);
#endif
    return descending ? ~key : key;
}

KERNEL(GROUP) sort_tiles(OUT(i64, y), OUT(KEY, keys), OUT(int, places), IN(T, x), i64 lines, i64 length, i64 inner, i64 kept, i64 tiles, int log_width, int descending)
{
    SHARED KEY key[TILE];
    SHARED int place[TILE];
    AT(GLOBAL const T*, x);
    const int width = 1 << log_width;
    const i64 first = GROUP_X * (TILE >> log_width);    /* of the group's widths; a line has `tiles` of them */
    for (int e = ITEM; e < TILE; e += GROUP) {
        const i64 at = first + (e >> log_width), line = at / tiles, i = ((at - line * tiles) << log_width) + (e & (width - 1));
        key[e] = ~(KEY)0;
        place[e] = 0x7FFFFFFF;
        if (line < lines && i < length) {
            const i64 o = line / inner;
            key[e] = key_of(x[(o * length + i) * inner + line - o * inner], descending);
            place[e] = (int)i;
        }
    }
    BARRIER();
    for (int size = 2; size <= width; size *= 2) {
        for (int step = size / 2; step > 0; step /= 2) {
            for (int pair = ITEM; pair < TILE / 2; pair += GROUP) {
                /* Runs of `size` alternate in direction, so that two of them make a bitonic one; the last ones all rise. */
                const int a = ((pair & ~(step - 1)) << 1) | (pair & (step - 1)), b = a + step, falls = (a & size & (width - 1)) != 0;
                const KEY ka = key[a], kb = key[b];
                const int pa = place[a], pb = place[b], above = ka > kb || (ka == kb && pa > pb);
                if (above != falls) {
                    key[a] = kb;
                    key[b] = ka;
                    place[a] = pb;
                    place[b] = pa;
                }
            }
            BARRIER();
        }
    }
    for (int e = ITEM; e < TILE; e += GROUP) {
        const i64 at = first + (e >> log_width), line = at / tiles, i = ((at - line * tiles) << log_width) + (e & (width - 1));
        if (line >= lines || i >= length) continue;
        if (tiles > 1) {
            if ((e & (width - 1)) >= kept) continue;
            keys_buffer[keys_offset + line * length + i] = key[e];
            places_buffer[places_offset + line * length + i] = place[e];
        } else if (i < kept) {
            const i64 o = line / inner;
            y_buffer[y_offset + (o * kept + i) * inner + line - o * inner] = place[e];
        }
    }
}
