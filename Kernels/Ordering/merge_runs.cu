/* Merges sorted runs of 1 << log_width (key, position) pairs, two and two, in lines of `length` of them. A work item takes one pair, finds by bisection how many
   of the neighbouring run go before it, and so knows its place; of equals the earlier run's go first, which keeps the order stable.
   Only the first `kept` of a run are there and are passed on. With `last`, the positions go to y [outer, kept, inner], for lines (o, k). KEY is u32 or u64. */
KERNEL(GROUP) merge_runs(OUT(i64, y), OUT(KEY, keys_to), OUT(int, places_to), IN(KEY, keys), IN(int, places), i64 lines, i64 length, i64 inner, i64 kept,
    int log_width, int last)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= lines * length) return;
    AT(GLOBAL const KEY*, keys);
    AT(GLOBAL const int*, places);
    const i64 line = item / length, i = item - line * length, run = i >> log_width, other = (run ^ 1) << log_width, start = run << log_width;
    if (i - start >= kept) return;
    const KEY key = keys[item];
    const int later = (int)(run & 1);
    const i64 width = (i64)1 << log_width, base = later ? other : start;
    i64 low = other < length ? other : length, high = other + (width < kept ? width : kept);
    if (high > length) high = length;
    const i64 from = low;
    while (low < high) {
        const i64 middle = (low + high) >> 1;
        const KEY there = keys[line * length + middle];
        if (there < key || (later && there == key)) low = middle + 1;
        else high = middle;
    }
    const i64 place = base + (i - start) + (low - from);
    if (place - base >= kept) return;
    if (!last) {
        keys_to_buffer[keys_to_offset + line * length + place] = key;
        places_to_buffer[places_to_offset + line * length + place] = places[item];
    } else {
        const i64 o = line / inner;
        y_buffer[y_offset + (o * kept + place) * inner + line - o * inner] = places[item];
    }
}
