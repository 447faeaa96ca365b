/* Elements x of planes of `from` go to places in planes of `to`; where two want the same place, the later one stays. First everybody claims its place in `owner`, zeros
   before: the largest number of an element, from 1, remains there, whatever the order of the claims. Then each place fetches its owner's element, or 0. */
#include "windows.cuh"

KERNEL(GROUP) unpool_claim(OUT(int, owner), IN(i64, index), i64 from, i64 count, i64 to, FAULTS)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const i64 plane = quotient(item, from), place = index_buffer[index_offset + item];
    if ((u64)place >= (u64)to) {
        FAULT(item, place);
        return;
    }
    GLOBAL u32* claimed = (GLOBAL u32*)(owner_buffer + owner_offset + plane * to + place);
    const u32 own = (u32)(item - plane * from) + 1;
    u32 seen = *claimed;
    while (seen < own) {
        const u32 before = COMPARE_EXCHANGE(claimed, seen, own);
        if (before == seen) break;
        seen = before;
    }
}

KERNEL(GROUP) unpool_place(OUT(REAL, y), IN(REAL, x), IN(int, owner), i64 from, i64 to, i64 count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const int own = owner_buffer[owner_offset + item];
    y_buffer[y_offset + item] = own == 0 ? R(0) : x_buffer[x_offset + quotient(item, to) * from + own - 1];
}

/* stays[i] = element i owns its place. */
KERNEL(GROUP) unpool_mark(OUT(u8, stays), IN(i64, index), IN(int, owner), i64 from, i64 to, i64 count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= count) return;
    const i64 plane = quotient(item, from), place = index_buffer[index_offset + item];
    const int owns = (u64)place < (u64)to && owner_buffer[owner_offset + plane * to + place] == (int)(item - plane * from) + 1;
    stays_buffer[stays_offset + item] = (u8)owns;
}
