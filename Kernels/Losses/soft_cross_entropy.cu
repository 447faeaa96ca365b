/* The cross-entropy of the softmax of logits x with target probabilities t, and its gradient by x. One line of classes per loss, LANES items per line (lines.cuh).
   soft_cross_entropy: with m = max x, s = sum of e^(x - m) and T = sum of t: loss = T ln s - sum of t (x - m), where t = 0 counts nothing. `keeps`: m, ln s and T too.
   soft_cross_entropy_gradient: dx_c = g (T e^(x - m - ln s) - t_c). */
#include "lines.cuh"

#define BLOCK 32   /* numbers that a lane adds up one after the other before they join its total */
#define LARGER(p, q) ((p) < (q) ? (q) : (p))
#define PLUS(p, q) ((p) + (q))
#define AT_CLASS(c) (start + (INDEX)(c) * step)

KERNEL(GROUP) soft_cross_entropy(OUT(REAL, y), OUT(REAL, maxima), OUT(REAL, log_sums), OUT(REAL, totals), IN(REAL, x), IN(REAL, t), Lines lines, int keeps)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL const REAL*, x);
    AT(GLOBAL const REAL*, t);
    const i64 line = LINE;
    const int here = line < lines.count;
    const INDEX start = here ? (INDEX)line_start(lines, line) : 0, step = (INDEX)lines.step, end = here ? (INDEX)lines.length : 0;
    REAL max = -INFINITE, sum = R(0), total = R(0), weighed = R(0);
    for (INDEX c = LANE; c < end; c += LANES) {
        const REAL value = x[AT_CLASS(c)];
        max = LARGER(max, value);
    }
    FOLD_LANES(shared_totals, max, LARGER);
    for (INDEX block = LANE; block < end; block += BLOCK * LANES) {
        const INDEX stop = end - block < BLOCK * LANES ? end : block + BLOCK * LANES;
        REAL part = R(0), total_part = R(0), weighed_part = R(0);
        for (INDEX c = block; c < stop; c += LANES) {
            const REAL shifted = x[AT_CLASS(c)] - max, weight = t[AT_CLASS(c)];
            part += real_exp(shifted);
            total_part += weight;
            if (weight != R(0)) weighed_part += weight * shifted;
        }
        sum += part;
        total += total_part;
        weighed += weighed_part;
    }
    FOLD_LANES(shared_totals, sum, PLUS);
    FOLD_LANES(shared_totals, total, PLUS);
    FOLD_LANES(shared_totals, weighed, PLUS);
    if (!here || LANE != 0) return;
    const REAL log_sum = real_log(sum);
    y_buffer[y_offset + line] = total * log_sum - weighed;
    if (!keeps) return;
    maxima_buffer[maxima_offset + line] = max;
    log_sums_buffer[log_sums_offset + line] = log_sum;
    totals_buffer[totals_offset + line] = total;
}

KERNEL(GROUP) soft_cross_entropy_gradient(OUT(REAL, dx), IN(REAL, g), IN(REAL, x), IN(REAL, t), IN(REAL, maxima), IN(REAL, log_sums), IN(REAL, totals), Lines lines)
{
    AT(GLOBAL REAL*, dx);
    AT(GLOBAL const REAL*, x);
    AT(GLOBAL const REAL*, t);
    const i64 line = LINE;
    if (line >= lines.count) return;
    const INDEX start = (INDEX)line_start(lines, line), step = (INDEX)lines.step, end = (INDEX)lines.length;
    const REAL gamma = g_buffer[g_offset + line], scale = gamma * totals_buffer[totals_offset + line];
    const REAL max = maxima_buffer[maxima_offset + line], log_sum = log_sums_buffer[log_sums_offset + line];
    for (INDEX c = LANE; c < end; c += LANES)
        dx[AT_CLASS(c)] = real_exp((x[AT_CLASS(c)] - max) - log_sum) * scale - t[AT_CLASS(c)] * gamma;
}
