/* Lines of one length through softmax or its like: y has the operands' shape. The maximum comes off first, so nothing overflows; a NaN spoils its line.
   FUNCTION_Softmax: y = e^(a - m) / sum. FUNCTION_LogSoftmax: y = (a - m) - ln sum.
   FUNCTION_SoftmaxGradient: y = b (a - sum of a b). FUNCTION_LogSoftmaxGradient: y = a - e^b (sum of a).
   LANES items per line (lines.cuh). VALUES > 0: a lane keeps its elements, at most VALUES of them, so memory is read once;
   0: lines of any length, which are read again for each step. */
#include "lines.cuh"

#define BLOCK 32   /* numbers that a lane adds up one after the other before they join its total */

#if defined(FUNCTION_Softmax) || defined(FUNCTION_LogSoftmax)
#define GRADIENT 0
#define FETCH_B(e) R(0)
#else
#define GRADIENT 1
#define FETCH_B(e) b[AT_ELEMENT(e)]
#endif
#define AT_ELEMENT(e) (start + (INDEX)(e) * step)

/* What the line sums up. */
#if defined(FUNCTION_SoftmaxGradient)
#define TERM(av, bv) ((av) * (bv))
#define RESULT(av, bv) ((bv) * ((av) - sum))
#elif defined(FUNCTION_LogSoftmaxGradient)
#define TERM(av, bv) (av)
#define RESULT(av, bv) ((av) - real_exp(bv) * sum)
#elif defined(FUNCTION_LogSoftmax)
#define TERM(av, bv) real_exp((av) - max)
#define RESULT(av, bv) (((av) - max) - log_sum)
#else
#define TERM(av, bv) real_exp((av) - max)
#define RESULT(av, bv) ((av) * scale)
#endif

/* A NaN is passed over: it comes back in the sum. */
#define LARGER(p, q) ((p) < (q) ? (q) : (p))
#define PLUS(p, q) ((p) + (q))

KERNEL(GROUP) softmax(OUT(REAL, y), IN(REAL, a), IN(REAL, b), Lines lines)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL REAL*, y);
    AT(GLOBAL const REAL*, a);
#if GRADIENT
    AT(GLOBAL const REAL*, b);
#endif
    const i64 line = LINE;
    const INDEX start = line < lines.count ? (INDEX)line_start(lines, line) : 0, step = (INDEX)lines.step;
    const INDEX end = line < lines.count ? (INDEX)lines.length : 0;
    REAL sum = R(0);
#if !GRADIENT
    REAL max = -INFINITE;
#endif

#if VALUES > 0
    REAL as[VALUES];
#if GRADIENT
    REAL bs[VALUES];
#endif
    UNROLL for (int k = 0; k < VALUES; k++) {
        const INDEX e = LANE + k * LANES;
        as[k] = R(0);
#if GRADIENT
        bs[k] = R(0);
#endif
        if (e < end) {
            as[k] = a[AT_ELEMENT(e)];
#if GRADIENT
            bs[k] = b[AT_ELEMENT(e)];
#else
            max = LARGER(max, as[k]);
#endif
        }
    }
#if !GRADIENT
    FOLD_LANES(shared_totals, max, LARGER);
#endif
    UNROLL for (int k = 0; k < VALUES; k++) {
        if (LANE + k * LANES < end) {
#if defined(FUNCTION_Softmax)
            as[k] = TERM(as[k], R(0));
            sum += as[k];
#elif GRADIENT
            sum += TERM(as[k], bs[k]);
#else
            sum += TERM(as[k], R(0));
#endif
        }
    }
#else
#if !GRADIENT
    for (INDEX e = LANE; e < end; e += LANES) {
        const REAL value = a[AT_ELEMENT(e)];
        max = LARGER(max, value);
    }
    FOLD_LANES(shared_totals, max, LARGER);
#endif
    for (INDEX block = LANE; block < end; block += BLOCK * LANES) {
        const INDEX stop = end - block < BLOCK * LANES ? end : block + BLOCK * LANES;
        REAL part = R(0);
        for (INDEX e = block; e < stop; e += LANES) {
            const REAL term = TERM(a[AT_ELEMENT(e)], FETCH_B(e));
            part += term;
#if defined(FUNCTION_Softmax)
            y[AT_ELEMENT(e)] = term;
#endif
        }
        sum += part;
    }
#endif

    FOLD_LANES(shared_totals, sum, PLUS);
#if defined(FUNCTION_Softmax)
    const REAL scale = R(1) / sum;
#elif defined(FUNCTION_LogSoftmax)
    const REAL log_sum = real_log(sum);
#endif
#if VALUES > 0
    UNROLL for (int k = 0; k < VALUES; k++) {
        const INDEX e = LANE + k * LANES;
#if GRADIENT
        if (e < end) y[AT_ELEMENT(e)] = RESULT(as[k], bs[k]);
#else
        if (e < end) y[AT_ELEMENT(e)] = RESULT(as[k], R(0));
#endif
    }
#elif defined(FUNCTION_Softmax)
    for (INDEX e = LANE; e < end; e += LANES) y[AT_ELEMENT(e)] = RESULT(y[AT_ELEMENT(e)], R(0));
#else
    for (INDEX e = LANE; e < end; e += LANES) y[AT_ELEMENT(e)] = RESULT(a[AT_ELEMENT(e)], FETCH_B(e));
#endif
}
