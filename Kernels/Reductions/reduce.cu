/* Folds every line of x to one number: y[line] = FINISH(fold of its elements).
   TX: the elements; TOTAL: the totals (REAL, or i64 for whole numbers); TY: the results. ELEMENT(x) is an element as a TOTAL.
   The fold comes as functions: neutral_1(), step_1(total, x, center), combine_1(a, b); center_of(total, count) and the same with _2 for the second pass of
   a fold with TWO_PASSES, which reads the line again; finish(total, center, count, parameter).
   PASSES: 1 the first, 2 the second (with the centres of the first in `centers`), 3 both.
   A lane takes its elements in blocks of BLOCK with four totals, then lanes are combined by halves: rounding errors grow with the logarithm of the length, nearly.
   reduce_lines: LANES items per line. parts > 1: group y folds elements y * part_length and on, and leaves its total in partials [line, part].
   reduce_parts: one group per line combines the partials; after a first pass that has a second it makes the centre. */
#include "lines.cuh"

#define BLOCK 64   /* elements that a lane adds up one after the other (in four totals); a multiple of 4 */

#if TWO_PASSES
#define NEUTRAL(second) ((second) ? neutral_2() : neutral_1())
#define STEP(total, x, center, second) ((second) ? step_2(total, x, center) : step_1(total, x, center))
#define COMBINE(a, b, second) ((second) ? combine_2(a, b) : combine_1(a, b))
#else
#define NEUTRAL(second) neutral_1()
#define STEP(total, x, center, second) step_1(total, x, center)
#define COMBINE(a, b, second) combine_1(a, b)
#endif
#if PASSES & 2
#define LAST_COMBINE(a, b) COMBINE(a, b, 1)
#else
#define LAST_COMBINE(a, b) COMBINE(a, b, 0)
#endif
#define FIRST_COMBINE(a, b) COMBINE(a, b, 0)

/* A lane's share. */
DEVICE TOTAL fold_lane(GLOBAL const TX* x, LaneWalk w, TOTAL center, const int second)
{
    TOTAL total = NEUTRAL(second);
    while (w.n > 0) {
        INDEX n = w.n < BLOCK ? w.n : BLOCK;
        w.n -= n;
        TOTAL a = NEUTRAL(second), b = a, c = a, d = a;
        for (; n >= 4; n -= 4) {
            const TX x0 = x[w.at]; NEXT_ELEMENT(w);
            const TX x1 = x[w.at]; NEXT_ELEMENT(w);
            const TX x2 = x[w.at]; NEXT_ELEMENT(w);
            const TX x3 = x[w.at]; NEXT_ELEMENT(w);
            a = STEP(a, ELEMENT(x0), center, second);
            b = STEP(b, ELEMENT(x1), center, second);
            c = STEP(c, ELEMENT(x2), center, second);
            d = STEP(d, ELEMENT(x3), center, second);
        }
        for (; n > 0; n--) {
            const TX x0 = x[w.at]; NEXT_ELEMENT(w);
            a = STEP(a, ELEMENT(x0), center, second);
        }
        total = COMBINE(total, COMBINE(COMBINE(a, b, second), COMBINE(c, d, second), second), second);
    }
    return total;
}

KERNEL(GROUP) reduce_lines(OUT(TY, y), OUT(TOTAL, centers), OUT(TOTAL, partials), IN(TX, x), Lines lines, i64 part_length, int parts, int keeps,
    TOTAL count, TOTAL parameter)
{
    SHARED TOTAL shared_totals[GROUP];
    const i64 line = LINE, first = GROUP_Y * part_length;
    const int here = line < lines.count;
    const i64 stop = first + part_length < lines.length ? first + part_length : lines.length;
    const LaneWalk walk = lane_walk(lines, here ? line_start(lines, line) : 0, first, here ? stop : first);
    TOTAL total, center = (TOTAL)0;
#if PASSES & 1
    total = fold_lane(x_buffer + x_offset, walk, center, 0);
    FOLD_LANES(shared_totals, total, FIRST_COMBINE);
#endif
#if PASSES == 3
    center = center_of(total, count);
#elif PASSES == 2
    if (here) center = centers_buffer[centers_offset + line];
#endif
#if PASSES & 2
    total = fold_lane(x_buffer + x_offset, walk, center, 1);
    FOLD_LANES(shared_totals, total, LAST_COMBINE);
#endif
    if (!here || LANE != 0) return;
    if (parts > 1) {
        partials_buffer[partials_offset + line * parts + GROUP_Y] = total;
        return;
    }
    y_buffer[y_offset + line] = (TY)finish(total, center, count, parameter);
#if PASSES == 3
    if (keeps) centers_buffer[centers_offset + line] = center;
#endif
}

KERNEL(GROUP) reduce_parts(OUT(TY, y), OUT(TOTAL, centers), IN(TOTAL, partials), int parts, TOTAL count, TOTAL parameter)
{
    SHARED TOTAL shared_totals[GROUP];
    const i64 line = GROUP_X;
    TOTAL total = NEUTRAL(PASSES & 2);
    for (int part = ITEM; part < parts; part += GROUP) total = LAST_COMBINE(total, partials_buffer[partials_offset + line * parts + part]);
    FOLD_LANES(shared_totals, total, LAST_COMBINE);
    if (ITEM != 0) return;
#if TWO_PASSES && PASSES == 1
    centers_buffer[centers_offset + line] = center_of(total, count);
#elif TWO_PASSES
    y_buffer[y_offset + line] = (TY)finish(total, centers_buffer[centers_offset + line], count, parameter);
#else
    y_buffer[y_offset + line] = (TY)finish(total, (TOTAL)0, count, parameter);
#endif
}
