/* The cross-entropy of the softmax of logits x with target classes, and its gradient. One sample per line of x, LANES items per sample (lines.cuh).
   With a_c = (1 - smoothing) w_t [c = t] + (smoothing / C) w_c: loss = sum of a_c (m + ln s - x_c), m = max x, s = sum of e^(x - m).
   WEIGHTED: w has a weight per class, otherwise all are 1. SMOOTHED: smoothing is not 0. ACCUMULATE: what losses are computed and added up in.
   cross_entropy: m and ln s of each sample, the losses (per_sample), and for each group of items the sum of its losses and of its w_t, in `partials`.
   cross_entropy_total: one group adds up the partials: the sum or the mean of the losses, and the total weight.
   cross_entropy_gradient: dx_c = gamma (A p_c - a_c), A = sum of a_c, gamma = g (over the total weight for the mean). */
#include "lines.cuh"

#define BLOCK 32   /* numbers that a lane adds up one after the other before they join its total */
#define LARGER(p, q) ((p) < (q) ? (q) : (p))
#define PLUS(p, q) ((p) + (q))
#define AT_CLASS(c) (start + (INDEX)(c) * step)
#if WEIGHTED
#define WEIGHT(c) ((ACCUMULATE)w_buffer[w_offset + (c)])
#else
#define WEIGHT(c) ((ACCUMULATE)1)
#endif

/* The group's losses and weights, added up by halves, in item 0's places. */
DEVICE void add_up(LOCAL ACCUMULATE* losses, LOCAL ACCUMULATE* weights, ACCUMULATE loss, ACCUMULATE weight)
{
    losses[ITEM] = loss;
    weights[ITEM] = weight;
    for (int half_of = GROUP / 2; half_of > 0; half_of /= 2) {
        BARRIER();
        if (ITEM < half_of) {
            losses[ITEM] += losses[ITEM + half_of];
            weights[ITEM] += weights[ITEM + half_of];
        }
    }
}

KERNEL(GROUP) cross_entropy(OUT(REAL, losses), OUT(REAL, maxima), OUT(REAL, log_sums), OUT(ACCUMULATE, partials), IN(REAL, x), IN(i64, targets), IN(REAL, w),
    Lines lines, i64 ignored_class, ACCUMULATE smoothing, int per_sample, int keeps, FAULTS)
{
    SHARED REAL shared_totals[GROUP];
    SHARED ACCUMULATE shared_losses[GROUP];
    SHARED ACCUMULATE shared_weights[GROUP];
    AT(GLOBAL const REAL*, x);
    const i64 sample = LINE;
    const int here = sample < lines.count;
    const INDEX start = here ? (INDEX)line_start(lines, sample) : 0, step = (INDEX)lines.step, classes = (INDEX)lines.length, end = here ? classes : 0;
    const i64 target = here ? targets_buffer[targets_offset + sample] : 0;
    const int ignored = target == ignored_class, exists = target >= 0 && target < classes;

#if VALUES > 0
    REAL kept[VALUES];
    REAL max = -INFINITE, sum = R(0);
    UNROLL for (int k = 0; k < VALUES; k++) {
        const INDEX c = LANE + k * LANES;
        kept[k] = R(0);
        if (c < end) {
            kept[k] = x[AT_CLASS(c)];
            max = LARGER(max, kept[k]);
        }
    }
    FOLD_LANES(shared_totals, max, LARGER);
#else
    REAL max = -INFINITE, sum = R(0);
    for (INDEX c = LANE; c < end; c += LANES) {
        const REAL value = x[AT_CLASS(c)];
        max = LARGER(max, value);
    }
    FOLD_LANES(shared_totals, max, LARGER);
#endif

#if SMOOTHED
    ACCUMULATE weight_sum = (ACCUMULATE)0, weighted = (ACCUMULATE)0;   /* sum of w_c, and of w_c (x_c - m) */
#define ADD_CLASS(part, c, value) do { \
        const REAL shifted = (value) - max; \
        part += real_exp(shifted); \
        weight_sum += WEIGHT(c); \
        weighted += WEIGHT(c) * (ACCUMULATE)shifted; \
    } while (0)
#else
#define ADD_CLASS(part, c, value) part += real_exp((value) - max)
#endif
#if VALUES > 0
    UNROLL for (int k = 0; k < VALUES; k++) {
        const INDEX c = LANE + k * LANES;
        if (c < end) ADD_CLASS(sum, c, kept[k]);
    }
#else
    for (INDEX block = LANE; block < end; block += BLOCK * LANES) {
        const INDEX stop = end - block < BLOCK * LANES ? end : block + BLOCK * LANES;
        REAL part = R(0);
        for (INDEX c = block; c < stop; c += LANES) ADD_CLASS(part, c, x[AT_CLASS(c)]);
        sum += part;
    }
#endif
    FOLD_LANES(shared_totals, sum, PLUS);
#if SMOOTHED
    FOLD_LANES(shared_losses, weight_sum, PLUS);
    FOLD_LANES(shared_losses, weighted, PLUS);
#endif

    ACCUMULATE loss = (ACCUMULATE)0, weight = (ACCUMULATE)0;
    if (here && LANE == 0) {
        const REAL log_sum = real_log(sum);
        if (!ignored && exists) {
            const ACCUMULATE hard = (ACCUMULATE)log_sum - (ACCUMULATE)(x[AT_CLASS(target)] - max);
            weight = WEIGHT(target);
#if SMOOTHED
            loss = ((ACCUMULATE)1 - smoothing) * weight * hard + smoothing / (ACCUMULATE)classes * (weight_sum * (ACCUMULATE)log_sum - weighted);
#else
            loss = weight * hard;
#endif
        } else if (!ignored) {
            FAULT(sample, target);
        }
        if (per_sample) losses_buffer[losses_offset + sample] = (REAL)loss;
        if (keeps) {
            maxima_buffer[maxima_offset + sample] = max;
            log_sums_buffer[log_sums_offset + sample] = log_sum;
        }
    }
    add_up(shared_losses, shared_weights, loss, weight);
    if (ITEM == 0) {
        partials_buffer[partials_offset + 2 * GROUP_X] = shared_losses[0];
        partials_buffer[partials_offset + 2 * GROUP_X + 1] = shared_weights[0];
    }
}

KERNEL(GROUP) cross_entropy_total(OUT(REAL, y), OUT(REAL, total_weight), IN(ACCUMULATE, partials), i64 parts, int writes_loss, int divides, int writes_weight)
{
    SHARED ACCUMULATE shared_losses[GROUP];
    SHARED ACCUMULATE shared_weights[GROUP];
    ACCUMULATE loss = (ACCUMULATE)0, weight = (ACCUMULATE)0;
    for (i64 part = ITEM; part < parts; part += GROUP) {
        loss += partials_buffer[partials_offset + 2 * part];
        weight += partials_buffer[partials_offset + 2 * part + 1];
    }
    add_up(shared_losses, shared_weights, loss, weight);
    if (ITEM != 0) return;
    if (writes_loss) y_buffer[y_offset] = (REAL)(divides ? shared_losses[0] / shared_weights[0] : shared_losses[0]);
    if (writes_weight) total_weight_buffer[total_weight_offset] = (REAL)shared_weights[0];
}

KERNEL(GROUP) cross_entropy_gradient(OUT(REAL, dx), OUT(REAL, scales), IN(REAL, g), IN(REAL, x), IN(i64, targets), IN(REAL, maxima), IN(REAL, log_sums),
    IN(REAL, total_weight), IN(REAL, w), Lines lines, i64 ignored_class, ACCUMULATE smoothing, int per_sample, int divides, int keeps)
{
    SHARED ACCUMULATE shared_weights[GROUP];
    AT(GLOBAL REAL*, dx);
    AT(GLOBAL const REAL*, x);
    const i64 sample = LINE;
    const int here = sample < lines.count;
    const INDEX start = here ? (INDEX)line_start(lines, sample) : 0, step = (INDEX)lines.step, classes = (INDEX)lines.length, end = here ? classes : 0;
#if WEIGHTED && SMOOTHED
    ACCUMULATE weight_sum = (ACCUMULATE)0;
    for (INDEX c = LANE; c < end; c += LANES) weight_sum += WEIGHT(c);
    FOLD_LANES(shared_weights, weight_sum, PLUS);
#else
    const ACCUMULATE weight_sum = (ACCUMULATE)classes;
#endif
    if (!here) return;
    const i64 target = targets_buffer[targets_offset + sample];
    const int ignored = target == ignored_class;
    const ACCUMULATE norm = divides ? (ACCUMULATE)1 / (ACCUMULATE)total_weight_buffer[total_weight_offset] : (ACCUMULATE)1;
    const ACCUMULATE gamma = norm * (ACCUMULATE)g_buffer[g_offset + (per_sample ? sample : 0)], share = smoothing / (ACCUMULATE)classes;
    const ACCUMULATE weight = target >= 0 && target < classes ? WEIGHT(target) : (ACCUMULATE)0;
    const ACCUMULATE total = ((ACCUMULATE)1 - smoothing) * weight + share * weight_sum;
    const REAL scale = ignored ? R(0) : (REAL)(gamma * total), at_target = (REAL)(gamma * ((ACCUMULATE)1 - smoothing) * weight);
#if !WEIGHTED
    const REAL spread = (REAL)(gamma * share);
#endif
    const REAL max = maxima_buffer[maxima_offset + sample], log_sum = log_sums_buffer[log_sums_offset + sample];
    for (INDEX c = LANE; c < end; c += LANES) {
        const REAL p = real_exp((x[AT_CLASS(c)] - max) - log_sum);
        REAL d = p * scale;
#if !WEIGHTED
        d -= spread;
#endif
        if (scale == R(0)) d = R(0);
        if (!ignored) {
            if (c == target) d -= at_target;
#if WEIGHTED && SMOOTHED
            d -= (REAL)(gamma * share * WEIGHT(c));
#endif
        }
        dx[AT_CLASS(c)] = d;
    }
    if (keeps && LANE == 0) scales_buffer[scales_offset + sample] = ignored ? R(0) : (REAL)(norm * total);
}
