/* Lines of elements, each with a result or a computation of its own, and the work items that share them.
   Line l starts at (l % inner_lines) * line_step + (l / inner_lines) * outer_line_step; its element e lies (e % inner) * step + (e / inner) * outer_step
   further, all counted in elements. inner and inner_lines are at least 1.
   LANES work items share a line and take its elements in turn; GROUP / LANES lines share a group. Both are powers of two.
   COLUMNS 0: neighbouring items are lanes of one line, whose elements are neighbours in memory.
   COLUMNS 1: neighbouring items belong to neighbouring lines, which are neighbours in memory.
   INDEX: int, or i64 where positions need it. */
typedef struct {
    i64 count, length;
    i64 inner_lines, line_step, outer_line_step;
    i64 inner, step, outer_step;
} Lines;

#define GROUP_LINES (GROUP / LANES)
#if COLUMNS
#define LANE (ITEM / GROUP_LINES)
#define LINE (GROUP_X * GROUP_LINES + ITEM % GROUP_LINES)
#define LANE_STEP GROUP_LINES
#else
#define LANE (ITEM % LANES)
#define LINE (GROUP_X * GROUP_LINES + ITEM / LANES)
#define LANE_STEP 1
#endif

/* What a lane takes of a line: n elements, the first at `at`; NEXT_ELEMENT goes on without a division. */
typedef struct {
    INDEX n, at, within, inner, advance, advance_within, wrap;
} LaneWalk;

DEVICE i64 line_start(Lines lines, i64 line)
{
    return line % lines.inner_lines * lines.line_step + line / lines.inner_lines * lines.outer_line_step;
}

/* Elements first .. end-1 of a line, as far as they are this lane's. */
DEVICE LaneWalk lane_walk(Lines lines, i64 start, i64 first, i64 end)
{
    LaneWalk w;
    INDEX e = (INDEX)first + LANE, inner = (INDEX)lines.inner, outer = e / inner;
    w.n = e < (INDEX)end ? ((INDEX)end - e + LANES - 1) / LANES : 0;
    w.inner = inner;
    w.within = e - outer * inner;
    w.at = (INDEX)start + w.within * (INDEX)lines.step + outer * (INDEX)lines.outer_step;
    outer = LANES / inner;
    w.advance_within = LANES - outer * inner;
    w.advance = w.advance_within * (INDEX)lines.step + outer * (INDEX)lines.outer_step;
    w.wrap = (INDEX)lines.outer_step - inner * (INDEX)lines.step;
    return w;
}

#define NEXT_ELEMENT(w) do { w.at += w.advance; w.within += w.advance_within; if (w.within >= w.inner) { w.within -= w.inner; w.at += w.wrap; } } while (0)

/* Every lane's `total`, taken together by halves in a fixed order; every lane gets the line's. SHARED_TOTALS has GROUP places. To be reached by all items. */
#define FOLD_LANES(SHARED_TOTALS, total, COMBINE) do { \
        if (LANES > 1) { \
            SHARED_TOTALS[ITEM] = total; \
            for (int half_of = LANES / 2; half_of > 0; half_of /= 2) { \
                BARRIER(); \
                if (LANE < half_of) SHARED_TOTALS[ITEM] = COMBINE(SHARED_TOTALS[ITEM], SHARED_TOTALS[ITEM + half_of * LANE_STEP]); \
            } \
            BARRIER(); \
            total = SHARED_TOTALS[ITEM - LANE * LANE_STEP]; \
            BARRIER(); \
        } \
    } while (0)
