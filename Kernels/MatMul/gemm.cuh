/* What the matrix products share: sizes and strides, and what happens to a finished sum. */

/* C = activation(A B + bias), A [m, k], B [k, n], C [m, n], for outer times batch products. Strides in elements, of any sign. K is cut into `parts` of
   `depth`; with more than one part, C is a temporary with step_part from one part's sums to the next, without bias and activation, which gemm_finish
   adds up. */
typedef struct {
    i64 m, n, k, batch, outer;
    i64 row_a, col_a, step_a, outer_a;
    i64 row_b, col_b, step_b, outer_b;
    i64 row_c, col_c, step_c, outer_c;
    i64 parts, depth, step_part;
    i64 biased, row_bias, col_bias;
    i64 accumulate, relu;
    i64 vectors;                    /* whether 16-byte vectors of C may be stored */
} Product;

/* Where the operand x of product `entry` starts, relative to the first product's. */
#define ENTRY(p, x, entry) ((entry) / (p).batch * (p).outer_##x + (entry) % (p).batch * (p).step_##x)

/* Which tile of C a group computes: bands of MOST_TILES_DOWN tiles, whose columns of B are read while they are in the cache. */
#define MOST_TILES_DOWN 8
#define TILE_OF(tile, tiles_m, tiles_n, tile_m, tile_n) do { \
        const i64 top = (tile) / (MOST_TILES_DOWN * (tiles_n)) * MOST_TILES_DOWN, in_band = (tile) - top * (tiles_n); \
        const i64 down = (tiles_m) - top < MOST_TILES_DOWN ? (tiles_m) - top : MOST_TILES_DOWN; \
        tile_n = in_band / down; \
        tile_m = top + in_band - tile_n * down; \
    } while (0)

/* What C becomes: `sum` is the product, `c` its element. */
#define FINISHED(p, sum, bias, i, j, c) \
    finished((p).biased ? (sum) + (bias)[(i) * (p).row_bias + (j) * (p).col_bias] : (sum), &(c), (int)(p).accumulate, (int)(p).relu)

DEVICE REAL finished(REAL value, GLOBAL const REAL* c, int accumulate, int relu)
{
    if (accumulate) value = *c + value;
    return relu ? real_relu(value) : value;
}
