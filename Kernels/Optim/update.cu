/* One step of an optimizer, or another change in place: update(x, g, first, second, third, n0 ... n7), a formula that is written out from the CPU's and gives the
   new x and states, for every element of many tensors (pieces.cuh). OPERANDS: 1 takes x only, 2 and a gradient g, 3 to 5 and one to three states.
   With TRUST, n7 is the tensor's own entry of ratios (trust.cu). All that belongs to a tensor lies in memory in the same order, without gaps.
   ITEMS is the number of elements of a work item; at least 1. */
#define ITEMS 8
#include "pieces.cuh"

#if OPERANDS > 1
#define GRADIENT g[i]
#else
#define GRADIENT R(0)
#endif
#if OPERANDS > 2
#define FIRST first[i]
#define PUT_FIRST first[i] = changed.first
#else
#define FIRST R(0)
#define PUT_FIRST
#endif
#if OPERANDS > 3
#define SECOND second[i]
#define PUT_SECOND second[i] = changed.second
#else
#define SECOND R(0)
#define PUT_SECOND
#endif
#if OPERANDS > 4
#define THIRD third[i]
#define PUT_THIRD third[i] = changed.third
#else
#define THIRD R(0)
#define PUT_THIRD
#endif

#if TRUST
#define LAST(number, k) ratios_buffer[ratios_offset + (k)]
#else
#define LAST(number, k) (number)
#endif

#define UPDATE_PART(from, count) \
    for (int k = 0; k < ITEMS; k++) { \
        const i64 i = (from) + k * GROUP + ITEM; \
        if (i < (count)) { \
            const Updated changed = update(x[i], GRADIENT, FIRST, SECOND, THIRD, n0, n1, n2, n3, n4, n5, n6, last); \
            x[i] = changed.x; \
            PUT_FIRST; \
            PUT_SECOND; \
            PUT_THIRD; \
        } \
    }

#if TABLE
KERNEL(GROUP) update_all(IN(Piece, pieces), IN(REAL, ratios), i64 pieces_count)
{
    const i64 place = piece_of(pieces_buffer + pieces_offset, pieces_count, GROUP_X);
    GLOBAL const Piece* piece = pieces_buffer + pieces_offset + place;
    const REAL n0 = piece->n[0], n1 = piece->n[1], n2 = piece->n[2], n3 = piece->n[3], n4 = piece->n[4], n5 = piece->n[5], n6 = piece->n[6], last = LAST(piece->n[7], place);
    GLOBAL REAL* x = (GLOBAL REAL*)piece->x;
#if OPERANDS > 1
    GLOBAL const REAL* g = (GLOBAL const REAL*)piece->g;
#endif
#if OPERANDS > 2
    GLOBAL REAL* first = (GLOBAL REAL*)piece->first;
#endif
#if OPERANDS > 3
    GLOBAL REAL* second = (GLOBAL REAL*)piece->second;
#endif
#if OPERANDS > 4
    GLOBAL REAL* third = (GLOBAL REAL*)piece->third;
#endif
    const i64 from = (GROUP_X - piece->start) * CHUNK, count = piece->count;
    UPDATE_PART(from, count)
}
#else
KERNEL(GROUP) update_one(OUT(REAL, x), IN(REAL, g), OUT(REAL, first), OUT(REAL, second), OUT(REAL, third), IN(REAL, ratios), i64 count, i64 place, IN(REAL, numbers))
{
    AT(GLOBAL const REAL*, numbers);
    const REAL n0 = numbers[0], n1 = numbers[1], n2 = numbers[2], n3 = numbers[3], n4 = numbers[4], n5 = numbers[5], n6 = numbers[6], last = LAST(numbers[7], place);
    AT(GLOBAL REAL*, x);
#if OPERANDS > 1
    AT(GLOBAL const REAL*, g);
#endif
#if OPERANDS > 2
    AT(GLOBAL REAL*, first);
#endif
#if OPERANDS > 3
    AT(GLOBAL REAL*, second);
#endif
#if OPERANDS > 4
    AT(GLOBAL REAL*, third);
#endif
    UPDATE_PART(GROUP_X * CHUNK, count)
}
#endif
