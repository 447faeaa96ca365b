/* What the attention kernels share: sizes and strides, and products of tiles whose factors come from memory (tile.cuh tells what tiles must be; besides, TILE_N is a
   multiple of TILE_K, and GROUP one of TILE_M).

   SLICES          slices of TILE_N columns of a result that a group adds up in registers; a wider result is shared by several groups, which all compute the weights
   DROPOUT         1: weights are zeroed where element i of a stream says so, i counting [batch, queries, keys] */
#include "tile.cuh"
#include "philox.cuh"

typedef struct { i64 outer, head, row, column; } Strides;

/* The kernels get this from AttentionProblem.cs. */
typedef struct {
    i64 batch, heads, queries, keys, depth, width, masked, biased, causal;
    Strides q, k, v, y, g, dq, dk, dv, mask, bias;
} Problem;

/* Where an entry of the batch starts in a tensor. */
#define START(s, entry) ((entry) / p.heads * p.s.outer + (entry) % p.heads * p.s.head)

/* A pointer to row `row` of an entry. */
#define ROWS(type, x, entry, first) (x##_buffer + x##_offset + START(x, entry) + (first) * p.x.row)

#define SMALLER(a, b) ((a) < (b) ? (a) : (b))

/* A slice for a product along the elements of rows: slice[k][r] = x[r * row + k], 0 beyond the edges. */
DEVICE void load_along(LOCAL REAL* slice, const int pitch, const int width, GLOBAL const REAL* x, i64 row, i64 rows, i64 depth)
{
    for (int e = ITEM; e < width * TILE_K; e += GROUP) {
        const int k = e % TILE_K, r = e / TILE_K;
        slice[k * pitch + r] = r < rows && k < depth ? x[r * row + k] : R(0);
    }
}

/* A slice for a product along rows: slice[k][c] = x[k * row + c]. */
DEVICE void load_across(LOCAL REAL* slice, const int pitch, const int width, GLOBAL const REAL* x, i64 row, i64 rows, i64 columns)
{
    for (int e = ITEM; e < width * TILE_K; e += GROUP) {
        const int c = e % width, k = e / width;
        slice[k * pitch + c] = k < rows && c < columns ? x[k * row + c] : R(0);
    }
}

/* sums = a bT: a tile of rows of a and rows of b, over `depth` elements of each. */
#define PRODUCTS(sums, a, row_a, rows_a, b, row_b, rows_b, depth) do { \
        UNROLL for (int i = 0; i < ITEM_M; i++) UNROLL for (int j = 0; j < ITEM_N; j++) sums[i][j] = R(0); \
        for (i64 step = 0; step < (depth); step += TILE_K) { \
            BARRIER(); \
            load_along(slice_a, PITCH_A, TILE_M, (a) + step, row_a, rows_a, (depth) - step); \
            load_along(slice_b, PITCH_B, TILE_N, (b) + step, row_b, rows_b, (depth) - step); \
            BARRIER(); \
            multiply(sums, slice_a, slice_b, item_m, item_n); \
        } \
    } while (0)

/* A tile of sums into shared memory: tile[column][row]. */
#define PLACE(tile, sums) \
    EACH (int i = 0; i < ITEM_M; i++) EACH (int j = 0; j < ITEM_N; j++) tile[PLACE_N(item_n, j) * PITCH_A + PLACE_M(item_m, i)] = sums[i][j]

/* Between products, a work item has a row of the tile in shared memory for itself, or a part of one: columns FIRST_COLUMN .. END_COLUMN - 1 of row ITEM % TILE_M. */
#define LANES (GROUP / TILE_M)
#define FIRST_COLUMN (ITEM / TILE_M * (TILE_N / LANES))
#define END_COLUMN (FIRST_COLUMN + TILE_N / LANES)

/* out[slice] += weights x: weights is a tile in shared memory, each column of which belongs to a row of x. */
#define GATHER(out, weights, x, row_x, rows_x, columns_x) do { \
        EACH (int turn = 0; turn < SLICES * (TILE_N / TILE_K); turn++) { \
            const int slice = turn / (TILE_N / TILE_K), step = turn % (TILE_N / TILE_K) * TILE_K; \
            const i64 column = (part * SLICES + slice) * TILE_N; \
            BARRIER(); \
            load_across(slice_b, PITCH_B, TILE_N, (x) + step * (row_x) + column, row_x, (rows_x) - step, (columns_x) - column); \
            BARRIER(); \
            multiply(out[slice], weights + step * PITCH_A, slice_b, item_m, item_n); \
        } \
    } while (0)

/* A result's rows from the sums in registers, times `factor`, an expression in the row `r` of the tile. */
#define WRITE(y, row_y, out, rows_y, columns_y, factor) do { \
        EACH (int slice = 0; slice < SLICES; slice++) \
            EACH (int i = 0; i < ITEM_M; i++) { \
                const int r = PLACE_M(item_m, i); \
                EACH (int j = 0; j < ITEM_N; j++) { \
                    const i64 column = (part * SLICES + slice) * TILE_N + PLACE_N(item_n, j); \
                    if (r < (rows_y) && column < (columns_y)) (y)[r * (row_y) + column] = out[slice][i][j] * (factor); \
                } \
            } \
    } while (0)

/* What a product of a query and a key becomes: minus infinity where the key is out of sight. */
#define SCORE(product, query, key) ( \
        (query) >= p.queries || (key) >= p.keys || (p.causal && (key) > (query)) || (p.masked && !mask[(query) * p.mask.row + (key) * p.mask.column]) ? -INFINITE \
        : p.biased ? biased((product) * scale, bias[(query) * p.bias.row + (key) * p.bias.column]) : (product) * scale)

DEVICE REAL biased(REAL score, REAL bias) { return bias == -INFINITE ? bias : score + bias; }

/* The block that a work item drew last: it asks for neighbours one after the other. */
typedef struct { PhiloxBlock block; u64 number; } Draws;

/* 1 / (1 - p) if a weight stays, else 0; stream: key and counter. */
INLINED REAL kept(Draws* draws, GLOBAL const u64* stream, u64 threshold, i64 element, REAL scale)
{
    const u64 number = (u64)element >> 2;
    if (draws->number != number) {
        draws->block = philox(stream[0], stream[1] + number);
        draws->number = number;
    }
    return (u64)draws->block.word[element & 3] < threshold ? scale : R(0);
}

#define CLEAR(out) \
    EACH (int slice = 0; slice < SLICES; slice++) EACH (int i = 0; i < ITEM_M; i++) EACH (int j = 0; j < ITEM_N; j++) out[slice][i][j] = R(0)
