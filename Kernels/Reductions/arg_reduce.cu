/* Where along each line of x the extreme element stands: the first one if there are several. NaN counts as the extreme, so the first NaN wins.
   TX: the elements; BEATS(a, b): a is more extreme than b, NaN apart; FLOATING: there are NaNs.
   arg_lines: LANES items per line; parts > 1: group y looks at elements y * part_length and on, and leaves what it found at [line, part].
   arg_parts: one group per line chooses among the parts. */
#include "lines.cuh"

#if FLOATING
#define MORE_EXTREME(a, b) (BEATS(a, b) || ((a) != (a) && (b) == (b)))
#else
#define MORE_EXTREME(a, b) BEATS(a, b)
#endif

/* The better of two finds in the places of this item and of another one; no find has a negative position. */
DEVICE void choose(LOCAL TX* values, LOCAL i64* positions, int other)
{
    const TX mine = values[ITEM], theirs = values[other];
    const i64 here = positions[ITEM], there = positions[other];
    if (there >= 0 && (here < 0 || MORE_EXTREME(theirs, mine) || (!MORE_EXTREME(mine, theirs) && there < here))) {
        values[ITEM] = theirs;
        positions[ITEM] = there;
    }
}

#define CHOOSE_LANES(values, positions) do { \
        for (int half_of = LANES / 2; half_of > 0; half_of /= 2) { \
            BARRIER(); \
            if (LANE < half_of) choose(values, positions, ITEM + half_of * LANE_STEP); \
        } \
    } while (0)

KERNEL(GROUP) arg_lines(OUT(i64, y), OUT(TX, part_values), OUT(i64, part_positions), IN(TX, x), Lines lines, i64 part_length, int parts)
{
    SHARED TX values[GROUP];
    SHARED i64 positions[GROUP];
    AT(GLOBAL const TX*, x);
    const i64 line = LINE, first = GROUP_Y * part_length;
    const int here = line < lines.count;
    const i64 stop = first + part_length < lines.length ? first + part_length : lines.length;
    LaneWalk w = lane_walk(lines, here ? line_start(lines, line) : 0, first, here ? stop : first);
    TX best = (TX)0;
    INDEX position = -1, e = (INDEX)first + LANE;
    for (; w.n > 0; w.n--, e += LANES) {
        const TX value = x[w.at];
        NEXT_ELEMENT(w);
        if (position < 0 || MORE_EXTREME(value, best)) { best = value; position = e; }
    }
    values[ITEM] = best;
    positions[ITEM] = position;
    CHOOSE_LANES(values, positions);
    if (!here || LANE != 0) return;
    if (parts == 1) {
        y_buffer[y_offset + line] = positions[ITEM];
    } else {
        part_values_buffer[part_values_offset + line * parts + GROUP_Y] = values[ITEM];
        part_positions_buffer[part_positions_offset + line * parts + GROUP_Y] = positions[ITEM];
    }
}

KERNEL(GROUP) arg_parts(OUT(i64, y), IN(TX, part_values), IN(i64, part_positions), int parts)
{
    SHARED TX values[GROUP];
    SHARED i64 positions[GROUP];
    const i64 line = GROUP_X;
    TX best = (TX)0;
    i64 position = -1;
    for (int part = ITEM; part < parts; part += GROUP) {
        const TX value = part_values_buffer[part_values_offset + line * parts + part];
        if (position < 0 || MORE_EXTREME(value, best)) {
            best = value;
            position = part_positions_buffer[part_positions_offset + line * parts + part];
        }
    }
    values[ITEM] = best;
    positions[ITEM] = position;
    CHOOSE_LANES(values, positions);
    if (ITEM == 0) y_buffer[y_offset + line] = positions[0];
}
