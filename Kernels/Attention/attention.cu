/* y = softmax(scale q kT + bias) v for every entry of a batch, with masked scores at minus infinity; a query that sees no key gets 0.
   A group takes TILE_M queries and SLICES * TILE_N columns of y, walks over the keys in tiles, and keeps for each query the largest score and the sum of exponentials
   so far; what was added up before is scaled when the largest changes. Groups: parts of the columns, innermost, then tiles of queries, then the batch. */
#include "attention.cuh"

#define LARGER(a, b) ((a) < (b) ? (b) : (a))    /* a NaN is passed over: it comes back in the sum */

KERNEL(GROUP) attention(OUT(REAL, y), OUT(REAL, log_sums), IN(REAL, q), IN(REAL, k), IN(REAL, v), IN(u8, mask), IN(REAL, bias), Problem p, REAL scale, i64 with_sums,
    IN(u64, stream), u64 threshold, REAL kept_scale)
{
    SHARED __attribute__((aligned(16))) REAL slice_a[TILE_K * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL slice_b[TILE_K * PITCH_B];
    SHARED __attribute__((aligned(16))) REAL weights[TILE_N * PITCH_A];
    SHARED REAL shares[GROUP];
    SHARED REAL factors[TILE_M];

    const i64 parts = (p.width + SLICES * TILE_N - 1) / (SLICES * TILE_N), tiles = (p.queries + TILE_M - 1) / TILE_M;
    const i64 part = GROUP_X % (parts > 0 ? parts : 1), rest = GROUP_X / (parts > 0 ? parts : 1), entry = rest / tiles, first = rest % tiles * TILE_M;
    const i64 rows = SMALLER(p.queries - first, TILE_M), visible = p.causal ? SMALLER(p.keys, first + rows) : p.keys;
    const int item_n = ITEM % ITEMS_N, item_m = ITEM / ITEMS_N, row = ITEM % TILE_M, first_of_row = ITEM < TILE_M;
    GLOBAL const REAL* own = ROWS(REAL, q, entry, first);
    GLOBAL const u8* mask = mask_buffer + mask_offset + START(mask, entry);
    GLOBAL const REAL* bias = bias_buffer + bias_offset + START(bias, entry);

    REAL sums[ITEM_M][ITEM_N], out[SLICES][ITEM_M][ITEM_N], max = -INFINITE, sum = R(0);
    CLEAR(out);
    for (i64 key = 0; key < visible; key += TILE_N) {
        const i64 keys = SMALLER(p.keys - key, TILE_N);
        PRODUCTS(sums, own, p.q.row, rows, ROWS(REAL, k, entry, key), p.k.row, keys, p.depth);
        BARRIER();
        PLACE(weights, sums);
        BARRIER();

        REAL largest = max;
        for (int c = FIRST_COLUMN; c < END_COLUMN; c++) {
            const REAL score = SCORE(weights[c * PITCH_A + row], first + row, key + c);
            weights[c * PITCH_A + row] = score;
            largest = LARGER(largest, score);
        }

        shares[ITEM] = largest;
        BARRIER();
        UNROLL for (int other = 0; other < LANES; other++) largest = LARGER(largest, shares[other * TILE_M + row]);
        BARRIER();

        const REAL origin = largest == -INFINITE ? R(0) : largest, factor = max == -INFINITE ? R(1) : real_exp(max - origin);
        REAL total = R(0);
#if DROPOUT
        Draws draws;
        draws.number = ~(u64)0;
#endif
        for (int c = FIRST_COLUMN; c < END_COLUMN; c++) {
            const REAL e = real_exp(weights[c * PITCH_A + row] - origin);
            total += e;
#if DROPOUT
            weights[c * PITCH_A + row] = e * kept(&draws, stream_buffer + stream_offset, threshold, (entry * p.queries + first + row) * p.keys + key + c, kept_scale);
#else
            weights[c * PITCH_A + row] = e;
#endif
        }

        shares[ITEM] = total;
        if (first_of_row) factors[row] = factor;
        BARRIER();
        total = R(0);
        UNROLL for (int other = 0; other < LANES; other++) total += shares[other * TILE_M + row];
        sum = sum * factor + total;
        max = largest;
        EACH (int slice = 0; slice < SLICES; slice++)
            EACH (int i = 0; i < ITEM_M; i++)
                EACH (int j = 0; j < ITEM_N; j++) out[slice][i][j] *= factors[PLACE_M(item_m, i)];
        GATHER(out, weights, ROWS(REAL, v, entry, key), p.v.row, keys, p.width);
    }

    BARRIER();
    if (first_of_row) {
        factors[row] = sum == R(0) ? R(0) : R(1) / sum;
        if (part == 0 && with_sums && row < rows) (log_sums_buffer + log_sums_offset)[entry * p.queries + first + row] = max == -INFINITE ? max : max + real_log(sum);
    }

    BARRIER();
    WRITE(ROWS(REAL, y, entry, first), p.y.row, out, rows, p.width, factors[r]);
}
