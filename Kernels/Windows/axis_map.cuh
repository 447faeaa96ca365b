/* An axis of an image read by the positions of a result: AxisPlan, with the same formulas in whole numbers. Lengths fit into 31 bits, products into 63. */
typedef struct {
    i64 rule;                                  /* 0 window, 1 region, 2 random region, 3 nearest, 4 linear */
    i64 input, output, size, stride, padding, dilation;
    i64 border;                                /* elements of the border that a mean counts */
    i64 step, origin, unit;                    /* position i lies at (step * i + origin) / unit */
} AxisMap;

typedef struct { int first, count; } AxisSpan;

#define DRAWS 65536

DEVICE i64 axis_floor(i64 a, i64 b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
DEVICE i64 axis_ceil(i64 a, i64 b) { return -axis_floor(-a, b); }

DEVICE i64 axis_place(AxisMap m, i64 i)
{
    const i64 place = m.step * i + m.origin;
    return place < 0 ? 0 : place;
}

/* The elements that position i reads, without border; those of a window are its dilation apart. */
DEVICE AxisSpan axis_span(AxisMap m, int i, i64 draw)
{
    AxisSpan s;
    if (m.rule == 0) {
        const int dilation = (int)m.dilation, first = i * (int)m.stride - (int)m.padding;
        const int skipped = first < 0 ? (dilation - 1 - first) / dilation : 0, last = ((int)m.input - 1 - first) / dilation;
        s.first = first + skipped * dilation;
        s.count = ((int)m.size - 1 < last ? (int)m.size - 1 : last) - skipped + 1;
    } else if (m.rule == 1) {
        s.first = (int)(i * m.input / m.output);
        s.count = (int)(((i + 1) * m.input + m.output - 1) / m.output) - s.first;
    } else if (m.rule == 2) {
        const i64 open = m.input - m.size, all = (m.output - 1) * DRAWS, u = draw & (DRAWS - 1);
        s.first = (int)(m.output == 1 ? open : ((i64)i * DRAWS + u) * open / all - u * open / all);
        s.count = (int)m.size;
    } else if (m.rule == 3) {
        s.first = (int)(i * m.step / m.unit);
        s.count = 1;
    } else {
        const i64 place = axis_place(m, i), left = place / m.unit;
        s.first = (int)left;
        s.count = place - left * m.unit != 0 && left + 1 < m.input ? 2 : 1;
    }
    return s;
}

/* The positions that may read element j. */
DEVICE AxisSpan axis_readers(AxisMap m, int j, i64 draw)
{
    i64 first = 0, end = m.output;
    if (m.rule == 0) {
        const int beyond = j + (int)m.padding - (int)m.dilation * ((int)m.size - 1);
        first = beyond <= 0 ? 0 : (beyond + (int)m.stride - 1) / (int)m.stride;
        end = (j + (int)m.padding) / (int)m.stride + 1;
    } else if (m.rule == 1) {
        first = j * m.output / m.input;
        end = ((j + 1) * m.output + m.input - 1) / m.input;
    } else if (m.rule == 2 && m.output == 1) {
        end = j >= m.input - m.size ? 1 : 0;
    } else if (m.rule == 2) {
        const i64 open = m.input - m.size, all = (m.output - 1) * DRAWS, u = draw & (DRAWS - 1), shift = u * open / all + 1;
        first = axis_ceil((j - m.size + shift) * all - u * open, open * DRAWS);
        end = axis_ceil((j + shift) * all - u * open, open * DRAWS);
    } else if (m.rule == 3) {
        first = (j * m.output + m.input - 1) / m.input;
        end = ((j + 1) * m.output + m.input - 1) / m.input;
    } else if (m.rule == 4 && m.step != 0) {
        if (j > 0) first = axis_floor((j - 1) * m.unit - m.origin, m.step) + 1;
        if (j + 1 < m.input) end = axis_ceil((j + 1) * m.unit - m.origin, m.step);
    }
    first = first < 0 ? 0 : first;
    end = end < m.output ? end : m.output;
    AxisSpan s;
    s.first = (int)first;
    s.count = end > first ? (int)(end - first) : 0;
    return s;
}

/* What element j counts in position i, which may read it. */
DEVICE REAL axis_weight(AxisMap m, int i, int j)
{
    if (m.rule == 0) {
        const i64 start = i * m.stride - m.padding, top = start + m.size, most = m.input + m.border;
        return R(1) / R((int)((top < most ? top : most) - (start > -m.border ? start : -m.border)));
    }
    if (m.rule == 1) return R(1) / R(axis_span(m, i, 0).count);
    if (m.rule == 4) {
        const i64 place = axis_place(m, i), left = place / m.unit, rest = left + 1 < m.input ? place - left * m.unit : 0;
        return j == left ? R(m.unit - rest) / R(m.unit) : j == left + 1 ? R(rest) / R(m.unit) : R(0);
    }
    return R(1);
}
