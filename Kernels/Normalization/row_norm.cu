/* Rows of x, each normalised by its own statistics, and the gradient: layer, RMS and group normalisation. A row is a run of `chunks` chunks of `inner`
   elements; scale and shift have a number per chunk for `affine_rows` rows, then repeat. affine: 0 none, 1 a scale, 2 a scale and a shift.
   centers: the mean is taken off. Elements count relative to the row's first one, so that a large offset costs no digits: with d = (x - first) - offset,
   offset = the mean less the first element, and r = 1 / sqrt(mean of d^2 + epsilon), y = d r scale + shift. Without a mean, first = offset = 0.
   count = the length of a row as a REAL.
   row_norm: y, and r and offset of each row if `keeps`. row_norm_gradient: dx = g scale r + d slope + level. LANES items per row (lines.cuh, COLUMNS 0).
   VALUES > 0: a lane keeps its elements, at most VALUES of them, so memory is read once; 0: rows of any length, which are read again for each step.
   row_norm_columns: the sums of g d r and of g down each column, for one number per element; group y takes rows y * part_rows and on into its row of the parts.
   row_norm_chunks: the same sums over each chunk of each row, LANES items per chunk. */
#include "lines.cuh"

#define BLOCK 32   /* numbers that a lane adds up one after the other before they join its total */
#define PLUS(p, q) ((p) + (q))

typedef struct { i64 rows, chunks, inner, affine_rows; } NormRows;

#define LENGTH (rows.chunks * rows.inner)
#define SCALE(e) (affine ? scale_buffer[scale_offset + affine_start + (rows.inner == 1 ? (e) : (e) / (INDEX)rows.inner)] : R(1))
#define SHIFT(e) (affine > 1 ? shift_buffer[shift_offset + affine_start + (rows.inner == 1 ? (e) : (e) / (INDEX)rows.inner)] : R(0))

/* Adds TERM(e, k) of a lane's elements e, the k-th it has, to `total`. */
#if VALUES > 0
#define SUM_LANE(total, TERM) do { UNROLL for (int k = 0; k < VALUES; k++) { const INDEX e = LANE + k * LANES; if (e < end) total += TERM(e, k); } } while (0)
#define EACH_ELEMENT(ACT) do { UNROLL for (int k = 0; k < VALUES; k++) { const INDEX e = LANE + k * LANES; if (e < end) ACT(e, k); } } while (0)
#define X_AT(e, k) xs[k]
#define G_AT(e, k) gs[k]
#else
#define SUM_LANE(total, TERM) do { \
        for (INDEX block = LANE; block < end; block += BLOCK * LANES) { \
            const INDEX stop = end - block < BLOCK * LANES ? end : block + BLOCK * LANES; \
            REAL part = R(0); \
            for (INDEX e = block; e < stop; e += LANES) part += TERM(e, 0); \
            total += part; \
        } \
    } while (0)
#define EACH_ELEMENT(ACT) do { for (INDEX e = LANE; e < end; e += LANES) ACT(e, 0); } while (0)
#define X_AT(e, k) x[start + (e)]
#define G_AT(e, k) (g[start + (e)] * SCALE(e))
#endif

#define DEVIATION(e, k) ((X_AT(e, k) - first) - offset)
#define TERM_DEVIATION(e, k) (X_AT(e, k) - first)
#define TERM_SQUARE(e, k) (DEVIATION(e, k) * DEVIATION(e, k))
#define TERM_SLOPE(e, k) G_AT(e, k)
#define TERM_MOMENT(e, k) (G_AT(e, k) * DEVIATION(e, k))
#define LOAD_X(e, k) xs[k] = x[start + (e)]
#define LOAD_BOTH(e, k) do { xs[k] = x[start + (e)]; gs[k] = g[start + (e)] * SCALE(e); } while (0)
#define WRITE_Y(e, k) y[start + (e)] = FMA(DEVIATION(e, k) * inverse, SCALE(e), SHIFT(e))
#define WRITE_DX(e, k) dx[start + (e)] = FMA(G_AT(e, k), inverse, FMA(DEVIATION(e, k), slope, level))

KERNEL(GROUP) row_norm(OUT(REAL, y), OUT(REAL, inverses), OUT(REAL, offsets), IN(REAL, x), IN(REAL, scale), IN(REAL, shift), NormRows rows, REAL count, REAL epsilon,
    int centers, int affine, int keeps)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL REAL*, y);
    AT(GLOBAL const REAL*, x);
    const i64 row = LINE;
    const int here = row < rows.rows;
    const INDEX end = here ? (INDEX)LENGTH : 0, start = here ? (INDEX)(row * LENGTH) : 0;
    const i64 affine_start = row % rows.affine_rows * rows.chunks;
    const REAL first = centers && here ? x[start] : R(0);
    REAL offset = R(0), variance = R(0);
#if VALUES > 0
    REAL xs[VALUES];
    EACH_ELEMENT(LOAD_X);
#endif
    if (centers) {
        SUM_LANE(offset, TERM_DEVIATION);
        FOLD_LANES(shared_totals, offset, PLUS);
        offset = offset / count;
    }
    SUM_LANE(variance, TERM_SQUARE);
    FOLD_LANES(shared_totals, variance, PLUS);
    const REAL inverse = R(1) / SQRT(variance / count + epsilon);
    EACH_ELEMENT(WRITE_Y);
    if (!here || !keeps || LANE != 0) return;
    inverses_buffer[inverses_offset + row] = inverse;
    if (centers) offsets_buffer[offsets_offset + row] = offset;
}

KERNEL(GROUP) row_norm_gradient(OUT(REAL, dx), IN(REAL, g), IN(REAL, x), IN(REAL, inverses), IN(REAL, offsets), IN(REAL, scale), NormRows rows, REAL count,
    int centers, int affine)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL REAL*, dx);
    AT(GLOBAL const REAL*, g);
    AT(GLOBAL const REAL*, x);
    const i64 row = LINE;
    const int here = row < rows.rows;
    const INDEX end = here ? (INDEX)LENGTH : 0, start = here ? (INDEX)(row * LENGTH) : 0;
    const i64 affine_start = row % rows.affine_rows * rows.chunks;
    const REAL first = centers && here ? x[start] : R(0), offset = centers && here ? offsets_buffer[offsets_offset + row] : R(0);
    REAL sum = R(0), moment = R(0);
#if VALUES > 0
    REAL xs[VALUES], gs[VALUES];
    EACH_ELEMENT(LOAD_BOTH);
#endif
    if (centers) {
        SUM_LANE(sum, TERM_SLOPE);
        FOLD_LANES(shared_totals, sum, PLUS);
    }
    SUM_LANE(moment, TERM_MOMENT);
    FOLD_LANES(shared_totals, moment, PLUS);
    if (!here) return;
    const REAL inverse = inverses_buffer[inverses_offset + row], slope = -(inverse * inverse) * (inverse * (moment / count)), level = -inverse * (sum / count);
    EACH_ELEMENT(WRITE_DX);
}

/* Sums of g d r and of g for one column or chunk. */
#define ADD_ELEMENT(at, row_here) do { \
        const REAL slope = g[at], inverse = inverses_buffer[inverses_offset + (row_here)]; \
        const REAL origin = centers ? x[(INDEX)(row_here) * (INDEX)LENGTH] : R(0), middle = centers ? offsets_buffer[offsets_offset + (row_here)] : R(0); \
        part_sum += slope; \
        part_moment = FMA(slope, ((x[at] - origin) - middle) * inverse, part_moment); \
    } while (0)

KERNEL(GROUP) row_norm_columns(OUT(REAL, dscale), OUT(REAL, dshift), IN(REAL, g), IN(REAL, x), IN(REAL, inverses), IN(REAL, offsets), NormRows rows, int centers,
    int affine, i64 part_rows)
{
    AT(GLOBAL const REAL*, g);
    AT(GLOBAL const REAL*, x);
    const i64 column = GROUP_X * GROUP + ITEM, first = GROUP_Y * part_rows, end = first + part_rows < rows.rows ? first + part_rows : rows.rows;
    if (column >= LENGTH) return;
    REAL sum = R(0), moment = R(0);
    for (i64 block = first; block < end; block += BLOCK) {
        const i64 stop = end - block < BLOCK ? end : block + BLOCK;
        REAL part_sum = R(0), part_moment = R(0);
        for (i64 row = block; row < stop; row++) ADD_ELEMENT((INDEX)row * (INDEX)LENGTH + (INDEX)column, row);
        sum += part_sum;
        moment += part_moment;
    }
    dscale_buffer[dscale_offset + GROUP_Y * LENGTH + column] = moment;
    if (affine > 1) dshift_buffer[dshift_offset + GROUP_Y * LENGTH + column] = sum;
}

KERNEL(GROUP) row_norm_chunks(OUT(REAL, dscale), OUT(REAL, dshift), IN(REAL, g), IN(REAL, x), IN(REAL, inverses), IN(REAL, offsets), NormRows rows, int centers,
    int affine)
{
    SHARED REAL shared_totals[GROUP];
    AT(GLOBAL const REAL*, g);
    AT(GLOBAL const REAL*, x);
    const i64 chunk = LINE;
    const int here = chunk < rows.rows * rows.chunks;
    const INDEX start = here ? (INDEX)(chunk * rows.inner) : 0, end = here ? (INDEX)rows.inner : 0;
    const i64 row = here ? chunk / rows.chunks : 0;
    REAL sum = R(0), moment = R(0);
    for (INDEX block = LANE; block < end; block += BLOCK * LANES) {
        const INDEX stop = end - block < BLOCK * LANES ? end : block + BLOCK * LANES;
        REAL part_sum = R(0), part_moment = R(0);
        for (INDEX e = block; e < stop; e += LANES) ADD_ELEMENT(start + e, row);
        sum += part_sum;
        moment += part_moment;
    }
    FOLD_LANES(shared_totals, sum, PLUS);
    FOLD_LANES(shared_totals, moment, PLUS);
    if (!here || LANE != 0) return;
    dscale_buffer[dscale_offset + chunk] = moment;
    if (affine > 1) dshift_buffer[dshift_offset + chunk] = sum;
}
