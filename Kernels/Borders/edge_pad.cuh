/* A tensor [planes, depth, height, width] and its border: a number of places before and after each of the last three axes, which show the tensor's own elements,
   mirrored at the first and the last one or these repeated. What is mirrored is there. */
#include "windows.cuh"

typedef struct { i64 length, before, after; } EdgeAxis;
typedef struct { i64 planes, reflects; EdgeAxis d, h, w; } EdgeAxes;

DEVICE i64 padded_length(EdgeAxis e)
{
    return e.before + e.length + e.after;
}

/* What place `at` of the padded axis shows. */
DEVICE i64 source_of(i64 at, EdgeAxis e, i64 reflects)
{
    const i64 p = at - e.before;
    if (reflects) return p < 0 ? -p : p >= e.length ? 2 * (e.length - 1) - p : p;
    return p < 0 ? 0 : p >= e.length ? e.length - 1 : p;
}

/* How many places to ask place_of for. */
DEVICE i64 places_of(i64 j, EdgeAxis e, i64 reflects)
{
    return reflects ? 3 : 1 + (j == 0 ? e.before : 0) + (j == e.length - 1 ? e.after : 0);
}

/* The k-th place of the padded axis that shows element j; -1 for none. */
DEVICE i64 place_of(i64 k, i64 j, EdgeAxis e, i64 reflects)
{
    if (!reflects) return (j == 0 ? 0 : e.before + j) + k;
    if (k == 0) return e.before + j;
    if (k == 1) return j >= 1 && j <= e.before ? e.before - j : -1;
    return j <= e.length - 2 && j >= e.length - 1 - e.after ? e.before + 2 * (e.length - 1) - j : -1;
}
