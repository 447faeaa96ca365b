/* The backward pass of attention. With weights P = e^(score - log_sum), computed again tile by tile, and dS = scale P (g vT - dot), dot = sum of g y:
   attention_queries: dq = dS k. A group takes TILE_M queries and SLICES * TILE_N columns of dq, and walks over the keys.
   attention_keys: dk = dST q and dv = PT g. A group takes TILE_M keys and SLICES * TILE_N columns of dk and dv, and walks over the queries.
   Groups: parts of the columns, innermost, then tiles of rows, then the batch. Every sum is taken in the order of the tiles. */
#include "attention.cuh"

#define FACTORS IN(REAL, g), IN(REAL, log_sums), IN(REAL, dots), IN(REAL, q), IN(REAL, k), IN(REAL, v), IN(u8, mask), IN(REAL, bias), Problem p, REAL scale, \
    IN(u64, stream), u64 threshold, REAL kept_scale

/* The log sum of a query; 0 for one that sees no key, all of whose scores are minus infinity. */
DEVICE REAL finite(REAL log_sum) { return log_sum == -INFINITE ? R(0) : log_sum; }

KERNEL(GROUP) attention_queries(OUT(REAL, dq), FACTORS)
{
    SHARED __attribute__((aligned(16))) REAL slice_a[TILE_K * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL slice_b[TILE_K * PITCH_B];
    SHARED __attribute__((aligned(16))) REAL weights[TILE_N * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL gradients[TILE_N * PITCH_A];

    const i64 parts = (p.depth + SLICES * TILE_N - 1) / (SLICES * TILE_N), tiles = (p.queries + TILE_M - 1) / TILE_M;
    const i64 part = GROUP_X % parts, rest = GROUP_X / parts, entry = rest / tiles, first = rest % tiles * TILE_M;
    const i64 rows = SMALLER(p.queries - first, TILE_M), visible = p.causal ? SMALLER(p.keys, first + rows) : p.keys;
    const int item_n = ITEM % ITEMS_N, item_m = ITEM / ITEMS_N, row = ITEM % TILE_M;
    GLOBAL const REAL* own_q = ROWS(REAL, q, entry, first);
    GLOBAL const REAL* own_g = ROWS(REAL, g, entry, first);
    GLOBAL const u8* mask = mask_buffer + mask_offset + START(mask, entry);
    GLOBAL const REAL* bias = bias_buffer + bias_offset + START(bias, entry);
    GLOBAL const REAL* log_sums = log_sums_buffer + log_sums_offset + entry * p.queries;
    GLOBAL const REAL* dots = dots_buffer + dots_offset + entry * p.queries;

    const i64 query = first + row;
    const REAL log_sum = row < rows ? finite(log_sums[query]) : R(0), dot = row < rows ? dots[query] : R(0);
    REAL sums[ITEM_M][ITEM_N], out[SLICES][ITEM_M][ITEM_N];
    CLEAR(out);
    for (i64 key = 0; key < visible; key += TILE_N) {
        const i64 keys = SMALLER(p.keys - key, TILE_N);
        PRODUCTS(sums, own_q, p.q.row, rows, ROWS(REAL, k, entry, key), p.k.row, keys, p.depth);
        BARRIER();
        PLACE(weights, sums);
        PRODUCTS(sums, own_g, p.g.row, rows, ROWS(REAL, v, entry, key), p.v.row, keys, p.width);
        PLACE(gradients, sums);
        BARRIER();
#if DROPOUT
        Draws draws;
        draws.number = ~(u64)0;
#endif
        for (int c = FIRST_COLUMN; c < END_COLUMN; c++) {
            const int at = c * PITCH_A + row;
            const REAL weight = real_exp(SCORE(weights[at], query, key + c) - log_sum);
            REAL gradient = gradients[at];
#if DROPOUT
            gradient *= kept(&draws, stream_buffer + stream_offset, threshold, (entry * p.queries + query) * p.keys + key + c, kept_scale);
#endif
            gradients[at] = weight * (gradient - dot) * scale;
        }

        GATHER(out, gradients, ROWS(REAL, k, entry, key), p.k.row, keys, p.depth);
    }

    WRITE(ROWS(REAL, dq, entry, first), p.dq.row, out, rows, p.depth, R(1));
}

KERNEL(GROUP) attention_keys(OUT(REAL, dk), OUT(REAL, dv), FACTORS)
{
    SHARED __attribute__((aligned(16))) REAL slice_a[TILE_K * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL slice_b[TILE_K * PITCH_B];
    SHARED __attribute__((aligned(16))) REAL weights[TILE_N * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL gradients[TILE_N * PITCH_A];

    const i64 widest = p.depth < p.width ? p.width : p.depth, parts = (widest + SLICES * TILE_N - 1) / (SLICES * TILE_N), tiles = (p.keys + TILE_M - 1) / TILE_M;
    const i64 part = GROUP_X % parts, rest = GROUP_X / parts, entry = rest / tiles, first = rest % tiles * TILE_M;
    const i64 rows = SMALLER(p.keys - first, TILE_M);
    const int item_n = ITEM % ITEMS_N, item_m = ITEM / ITEMS_N, row = ITEM % TILE_M;
    GLOBAL const REAL* own_k = ROWS(REAL, k, entry, first);
    GLOBAL const REAL* own_v = ROWS(REAL, v, entry, first);
    GLOBAL const u8* mask = mask_buffer + mask_offset + START(mask, entry);
    GLOBAL const REAL* bias = bias_buffer + bias_offset + START(bias, entry);
    GLOBAL const REAL* log_sums = log_sums_buffer + log_sums_offset + entry * p.queries;
    GLOBAL const REAL* dots = dots_buffer + dots_offset + entry * p.queries;

    REAL sums[ITEM_M][ITEM_N], out_k[SLICES][ITEM_M][ITEM_N], out_v[SLICES][ITEM_M][ITEM_N];
    CLEAR(out_k);
    CLEAR(out_v);
    for (i64 query = p.causal ? first / TILE_N * TILE_N : 0; query < p.queries; query += TILE_N) {
        const i64 queries = SMALLER(p.queries - query, TILE_N);
        PRODUCTS(sums, own_k, p.k.row, rows, ROWS(REAL, q, entry, query), p.q.row, queries, p.depth);
        BARRIER();
        PLACE(weights, sums);
        PRODUCTS(sums, own_v, p.v.row, rows, ROWS(REAL, g, entry, query), p.g.row, queries, p.width);
        PLACE(gradients, sums);
        BARRIER();
#if DROPOUT
        Draws draws;
        draws.number = ~(u64)0;
#endif
        for (int c = FIRST_COLUMN; c < END_COLUMN; c++) {
            const int at = c * PITCH_A + row;
            const i64 here = SMALLER(query + c, p.queries - 1);
            REAL weight = real_exp(SCORE(weights[at], query + c, first + row) - finite(log_sums[here])), gradient = gradients[at], factor = R(1);
#if DROPOUT
            factor = kept(&draws, stream_buffer + stream_offset, threshold, (entry * p.queries + here) * p.keys + first + row, kept_scale);
            gradient *= factor;
#endif
            weights[at] = weight * factor;
            gradients[at] = weight * (gradient - dots[here]) * scale;
        }

        GATHER(out_v, weights, ROWS(REAL, g, entry, query), p.g.row, queries, p.width);
        GATHER(out_k, gradients, ROWS(REAL, q, entry, query), p.q.row, queries, p.depth);
    }

    WRITE(ROWS(REAL, dk, entry, first), p.dk.row, out_k, rows, p.depth, R(1));
    WRITE(ROWS(REAL, dv, entry, first), p.dv.row, out_v, rows, p.width, R(1));
}
