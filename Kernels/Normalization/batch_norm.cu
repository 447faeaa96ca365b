/* Batch normalisation of x [N, C, inner], and its gradient. Every channel is a line through all samples (lines.cuh).
   AFFINE: scale and shift per channel; otherwise they are 1 and 0. r = 1 / sqrt(variance + epsilon); count = N * inner as a REAL.
   batch_norm: statistics in two passes, then y = (x - mean) (scale r) + shift. LANES items per channel, which read it three times, mostly from cache.
   batch_norm_apply: the last step alone, by given statistics; one item per element.
   batch_norm_gradient: dx = k g + (x - mean) (share r dscale) + share dshift, with dscale = r * sum of g (x - mean), dshift = sum of g, k = scale r and
   share = -k / count. Few long channels are cut: batch_norm_sums has group y sum up elements y * part_length and on into partials [channel, part, 2],
   batch_norm_combine (one group per channel) makes dscale and dshift, batch_norm_project (one item per element) makes dx. */
#include "lines.cuh"

#define BLOCK 32   /* numbers that a lane adds up one after the other before they join its total */
#define PLUS(p, q) ((p) + (q))
#if AFFINE
#define SCALE(channel) scale_buffer[scale_offset + (channel)]
#define SHIFT(channel) shift_buffer[shift_offset + (channel)]
#else
#define SCALE(channel) R(1)
#define SHIFT(channel) R(0)
#endif
#define INVERSE(variance) (R(1) / SQRT((variance) + epsilon))

/* Adds up TERM for a lane's elements of x, in blocks. */
#define SUM_LANE(total, TERM) do { \
        LaneWalk w = walk; \
        while (w.n > 0) { \
            REAL part = R(0); \
            INDEX n = w.n < BLOCK ? w.n : BLOCK; \
            w.n -= n; \
            for (; n > 0; n--) { \
                const REAL value = x[w.at]; \
                NEXT_ELEMENT(w); \
                part = TERM(value, part); \
            } \
            total += part; \
        } \
    } while (0)
#define VALUE(value, part) ((part) + (value))
#define SQUARED_DEVIATION(value, part) FMA((value) - mean, (value) - mean, part)

KERNEL(GROUP) batch_norm(OUT(REAL, y), OUT(REAL, means), OUT(REAL, variances), OUT(REAL, inverses), IN(REAL, x), IN(REAL, scale), IN(REAL, shift),
    Lines lines, REAL count, REAL epsilon, int keeps)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL REAL*, y);
    AT(GLOBAL const REAL*, x);
    const i64 channel = LINE;
    const int here = channel < lines.count;
    const LaneWalk walk = lane_walk(lines, here ? line_start(lines, channel) : 0, 0, here ? lines.length : 0);
    REAL mean = R(0), variance = R(0);
    SUM_LANE(mean, VALUE);
    FOLD_LANES(shared_totals, mean, PLUS);
    mean = mean / count;
    SUM_LANE(variance, SQUARED_DEVIATION);
    FOLD_LANES(shared_totals, variance, PLUS);
    if (!here) return;
    variance = variance / count;
    const REAL inverse = INVERSE(variance), k = SCALE(channel) * inverse, shift = SHIFT(channel);
    for (LaneWalk w = walk; w.n > 0; w.n--) {
        y[w.at] = FMA(x[w.at] - mean, k, shift);
        NEXT_ELEMENT(w);
    }
    if (LANE != 0) return;
    means_buffer[means_offset + channel] = mean;
    variances_buffer[variances_offset + channel] = variance;
    if (keeps) inverses_buffer[inverses_offset + channel] = inverse;
}

KERNEL(GROUP) batch_norm_apply(OUT(REAL, y), OUT(REAL, inverses), IN(REAL, x), IN(REAL, means), IN(REAL, variances), IN(REAL, scale), IN(REAL, shift),
    i64 elements, i64 channels, i64 inner, REAL epsilon, int keeps)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= elements) return;
    const INDEX i = (INDEX)item;
    const INDEX row = i / (INDEX)inner, channel = row % (INDEX)channels;
    const REAL inverse = INVERSE(variances_buffer[variances_offset + channel]);
    y_buffer[y_offset + i] = FMA(x_buffer[x_offset + i] - means_buffer[means_offset + channel], SCALE(channel) * inverse, SHIFT(channel));
    if (keeps && row < (INDEX)channels && i == row * (INDEX)inner) inverses_buffer[inverses_offset + channel] = inverse;
}

/* A lane's sums of g and of g (x - mean). */
#define SUM_GRADIENT(sum, moment) do { \
        LaneWalk w = walk; \
        while (w.n > 0) { \
            REAL part_sum = R(0), part_moment = R(0); \
            INDEX n = w.n < BLOCK ? w.n : BLOCK; \
            w.n -= n; \
            for (; n > 0; n--) { \
                const REAL slope = g[w.at], deviation = x[w.at] - mean; \
                NEXT_ELEMENT(w); \
                part_sum += slope; \
                part_moment = FMA(slope, deviation, part_moment); \
            } \
            sum += part_sum; \
            moment += part_moment; \
        } \
    } while (0)

KERNEL(GROUP) batch_norm_gradient(OUT(REAL, dx), OUT(REAL, dscale), OUT(REAL, dshift), IN(REAL, g), IN(REAL, x), IN(REAL, means), IN(REAL, inverses), IN(REAL, scale),
    Lines lines, REAL count)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL REAL*, dx);
    AT(GLOBAL const REAL*, g);
    AT(GLOBAL const REAL*, x);
    const i64 channel = LINE;
    const int here = channel < lines.count;
    const LaneWalk walk = lane_walk(lines, here ? line_start(lines, channel) : 0, 0, here ? lines.length : 0);
    const REAL mean = here ? means_buffer[means_offset + channel] : R(0);
    REAL sum = R(0), moment = R(0);
    SUM_GRADIENT(sum, moment);
    FOLD_LANES(shared_totals, sum, PLUS);
    FOLD_LANES(shared_totals, moment, PLUS);
    if (!here) return;
    const REAL inverse = inverses_buffer[inverses_offset + channel], slope = moment * inverse, k = SCALE(channel) * inverse, share = -k / count;
    const REAL at_deviation = share * (inverse * slope), level = share * sum;
    for (LaneWalk w = walk; w.n > 0; w.n--) {
        dx[w.at] = FMA(g[w.at], k, FMA(x[w.at] - mean, at_deviation, level));
        NEXT_ELEMENT(w);
    }
    if (LANE != 0) return;
    dscale_buffer[dscale_offset + channel] = slope;
    dshift_buffer[dshift_offset + channel] = sum;
}

KERNEL(GROUP) batch_norm_sums(OUT(REAL, partials), IN(REAL, g), IN(REAL, x), IN(REAL, means), Lines lines, i64 part_length, int parts)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL const REAL*, g);
    AT(GLOBAL const REAL*, x);
    const i64 channel = LINE, first = GROUP_Y * part_length;
    const int here = channel < lines.count;
    const i64 stop = first + part_length < lines.length ? first + part_length : lines.length;
    const LaneWalk walk = lane_walk(lines, here ? line_start(lines, channel) : 0, first, here ? stop : first);
    const REAL mean = here ? means_buffer[means_offset + channel] : R(0);
    REAL sum = R(0), moment = R(0);
    SUM_GRADIENT(sum, moment);
    FOLD_LANES(shared_totals, sum, PLUS);
    FOLD_LANES(shared_totals, moment, PLUS);
    if (!here || LANE != 0) return;
    partials_buffer[partials_offset + 2 * (channel * parts + GROUP_Y)] = sum;
    partials_buffer[partials_offset + 2 * (channel * parts + GROUP_Y) + 1] = moment;
}

KERNEL(GROUP) batch_norm_combine(OUT(REAL, dscale), OUT(REAL, dshift), IN(REAL, partials), IN(REAL, inverses), int parts)
{
    SHARED REAL shared_totals[GROUP];
    const i64 channel = GROUP_X;
    REAL sum = R(0), moment = R(0);
    for (int part = ITEM; part < parts; part += GROUP) {
        sum += partials_buffer[partials_offset + 2 * (channel * parts + part)];
        moment += partials_buffer[partials_offset + 2 * (channel * parts + part) + 1];
    }
    FOLD_LANES(shared_totals, sum, PLUS);
    FOLD_LANES(shared_totals, moment, PLUS);
    if (ITEM != 0) return;
    dscale_buffer[dscale_offset + channel] = moment * inverses_buffer[inverses_offset + channel];
    dshift_buffer[dshift_offset + channel] = sum;
}

KERNEL(GROUP) batch_norm_project(OUT(REAL, dx), IN(REAL, g), IN(REAL, x), IN(REAL, means), IN(REAL, inverses), IN(REAL, scale), IN(REAL, dscale), IN(REAL, dshift),
    i64 elements, i64 channels, i64 inner, REAL count)
{
    const i64 item = GROUP_X * GROUP + ITEM;
    if (item >= elements) return;
    const INDEX i = (INDEX)item;
    const INDEX channel = i / (INDEX)inner % (INDEX)channels;
    const REAL inverse = inverses_buffer[inverses_offset + channel], k = SCALE(channel) * inverse, share = -k / count;
    const REAL at_deviation = share * (inverse * dscale_buffer[dscale_offset + channel]), level = share * dshift_buffer[dshift_offset + channel];
    dx_buffer[dx_offset + i] = FMA(g_buffer[g_offset + i], k, FMA(x_buffer[x_offset + i] - means_buffer[means_offset + channel], at_deviation, level));
}
