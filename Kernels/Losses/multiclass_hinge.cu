/* The hinge loss of scores x with right classes, and its gradient. One sample per line of x, LANES items per sample (lines.cuh).
   multiclass_hinge: y = sum over the wrong classes c of max(0, (x_c - x_right) + margin), or of its square where SQUARED is 1.
   multiclass_hinge_gradient: dx_c = g times the slope of the class's term; the right class gets minus the sum of the others.
   A target that is no class is a fault: the sample's loss and gradient are 0. */
#include "lines.cuh"

#define PLUS(p, q) ((p) + (q))
#define AT_CLASS(c) (start + (INDEX)(c) * step)
#define EXCESS(c) real_max((x[AT_CLASS(c)] - right) + margin, R(0))
#if SQUARED
#define TERM(excess) ((excess) * (excess))
#define SLOPE(excess) (((excess) + (excess)) * gamma)
#else
#define TERM(excess) (excess)
#define SLOPE(excess) ((excess) <= R(0) ? R(0) : gamma)
#endif

KERNEL(GROUP) multiclass_hinge(OUT(REAL, y), IN(REAL, g), IN(REAL, x), IN(i64, targets), Lines lines, REAL margin, i64 bound, FAULTS)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL const REAL*, x);
    const i64 sample = LINE;
    const int here = sample < lines.count;
    const INDEX start = here ? (INDEX)line_start(lines, sample) : 0, step = (INDEX)lines.step;
    const i64 target = here ? targets_buffer[targets_offset + sample] : 0;
    const int exists = here && (u64)target < (u64)bound;
    const INDEX end = exists ? (INDEX)lines.length : 0;
    const REAL right = exists ? x[AT_CLASS(target)] : R(0);
    REAL total = R(0);
    for (INDEX c = LANE; c < end; c += LANES) {
        if (c == (INDEX)target) continue;
        const REAL excess = EXCESS(c);
        total += TERM(excess);
    }
    FOLD_LANES(shared_totals, total, PLUS);
    if (!here || LANE != 0) return;
    y_buffer[y_offset + sample] = total;
    if (!exists) FAULT(sample, target);
}

KERNEL(GROUP) multiclass_hinge_gradient(OUT(REAL, y), IN(REAL, g), IN(REAL, x), IN(i64, targets), Lines lines, REAL margin, i64 bound, FAULTS)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL REAL*, y);
    AT(GLOBAL const REAL*, x);
    const i64 sample = LINE;
    const int here = sample < lines.count;
    const INDEX start = here ? (INDEX)line_start(lines, sample) : 0, step = (INDEX)lines.step, end = here ? (INDEX)lines.length : 0;
    const i64 target = here ? targets_buffer[targets_offset + sample] : 0;
    const int exists = here && (u64)target < (u64)bound;
    const REAL right = exists ? x[AT_CLASS(target)] : R(0), gamma = exists ? g_buffer[g_offset + sample] : R(0);
    REAL total = R(0);
    for (INDEX c = LANE; c < end; c += LANES) {
        if (c == (INDEX)target) continue;
        const REAL excess = EXCESS(c), slope = SLOPE(excess);
        total += slope;
        y[AT_CLASS(c)] = slope;
    }
    FOLD_LANES(shared_totals, total, PLUS);
    if (!here || LANE != 0) return;
    if (exists) y[AT_CLASS(target)] = -total;
    else FAULT(sample, target);
}
