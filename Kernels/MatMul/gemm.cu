/* C = activation(A B + bias) for matrices of any size and strides: see Product. A group computes TILE_M x TILE_N of C, in steps of TILE_K along K; while it
   works on one step's slices in shared memory, the next step's are on their way into registers. Groups: tiles, innermost, then parts of K, then the batch.

   Tiles: see tile.cuh. TILE_M * TILE_K and TILE_N * TILE_K are multiples of GROUP * VECTOR, Product.depth is one of TILE_K.
   ALONG_A         1: neighbouring work items read A along K, 0: along M; the dimension whose stride is 1, if there is one
   ALONG_B         1: B along K, 0: along N
   VECTOR          elements of a read of A and B: 1, or 16 bytes of them where strides, sizes and addresses allow */
#include "gemm.cuh"
#include "tile.cuh"

#define READS(width) ((width) * TILE_K / (VECTOR * GROUP))

/* One step's slice of an operand, `width` rows of A or columns of B, into registers; 0 beyond the edges. */
DEVICE void fetch(REAL* values, GLOBAL const REAL* x, i64 outer, i64 inner, int outer_left, int inner_left, const int along, const int width)
{
    const int across = (along ? TILE_K : width) / VECTOR, turns = across > GROUP ? across / GROUP : 1, down = across > GROUP ? 1 : GROUP / across;
    EACH (int s = 0; s < READS(width); s++) {
        const int x0 = (ITEM % across + s % turns * GROUP) * VECTOR, y0 = ITEM / across + s / turns * down, i = along ? y0 : x0, k = along ? x0 : y0;
        const int inside = i < outer_left && k < inner_left;
        GLOBAL const REAL* from = x + (i * outer + k * inner);
#if VECTOR > 1
        Vector v;
        UNROLL for (int e = 0; e < VECTOR; e++) v.at[e] = R(0);
        if (inside) v = *(GLOBAL const Vector*)from;
        UNROLL for (int e = 0; e < VECTOR; e++) values[s * VECTOR + e] = v.at[e];
#else
        values[s] = inside ? *from : R(0);
#endif
    }
}

/* The slice into shared memory, as [TILE_K][pitch]. */
DEVICE void place(LOCAL REAL* tile, const int pitch, const REAL* values, const int along, const int width)
{
    const int across = (along ? TILE_K : width) / VECTOR, turns = across > GROUP ? across / GROUP : 1, down = across > GROUP ? 1 : GROUP / across;
    EACH (int s = 0; s < READS(width); s++) {
        const int x0 = (ITEM % across + s % turns * GROUP) * VECTOR, y0 = ITEM / across + s / turns * down;
        UNROLL for (int e = 0; e < VECTOR; e++) tile[along ? (x0 + e) * pitch + y0 : y0 * pitch + x0 + e] = values[s * VECTOR + e];
    }
}

KERNEL(GROUP) gemm(OUT(REAL, c), IN(REAL, a), IN(REAL, b), IN(REAL, bias), Product p)
{
    SHARED __attribute__((aligned(16))) REAL slices_a[2 * TILE_K * PITCH_A];
    SHARED __attribute__((aligned(16))) REAL slices_b[2 * TILE_K * PITCH_B];

    const i64 tiles_m = (p.m + TILE_M - 1) / TILE_M, tiles_n = (p.n + TILE_N - 1) / TILE_N;
    const i64 outer = GROUP_X / (tiles_m * tiles_n), tile = GROUP_X - outer * (tiles_m * tiles_n);
    const i64 entry = outer / p.parts, part = outer - entry * p.parts;
    i64 tile_m, tile_n;
    TILE_OF(tile, tiles_m, tiles_n, tile_m, tile_n);

    const i64 m0 = tile_m * TILE_M, n0 = tile_n * TILE_N, k0 = part * p.depth;
    const int m_left = (int)(p.m - m0 < TILE_M ? p.m - m0 : TILE_M), n_left = (int)(p.n - n0 < TILE_N ? p.n - n0 : TILE_N);
    const i64 k_left = p.k - k0 < p.depth ? p.k - k0 : p.depth;
    GLOBAL const REAL* from_a = a_buffer + a_offset + ENTRY(p, a, entry) + m0 * p.row_a + k0 * p.col_a;
    GLOBAL const REAL* from_b = b_buffer + b_offset + ENTRY(p, b, entry) + n0 * p.col_b + k0 * p.row_b;

    const int item_n = ITEM % ITEMS_N, item_m = ITEM / ITEMS_N;
    REAL sums[ITEM_M][ITEM_N];
    UNROLL for (int i = 0; i < ITEM_M; i++) UNROLL for (int j = 0; j < ITEM_N; j++) sums[i][j] = R(0);

    REAL next_a[READS(TILE_M) * VECTOR], next_b[READS(TILE_N) * VECTOR];
    fetch(next_a, from_a, p.row_a, p.col_a, m_left, (int)(k_left < TILE_K ? k_left : TILE_K), ALONG_A, TILE_M);
    fetch(next_b, from_b, p.col_b, p.row_b, n_left, (int)(k_left < TILE_K ? k_left : TILE_K), ALONG_B, TILE_N);
    place(slices_a, PITCH_A, next_a, ALONG_A, TILE_M);
    place(slices_b, PITCH_B, next_b, ALONG_B, TILE_N);
    BARRIER();

    int turn = 0;
    for (i64 k = 0; k < k_left; k += TILE_K) {
        const i64 rest = k_left - k - TILE_K;
        if (rest > 0) {
            from_a += TILE_K * p.col_a;
            from_b += TILE_K * p.row_b;
            fetch(next_a, from_a, p.row_a, p.col_a, m_left, (int)(rest < TILE_K ? rest : TILE_K), ALONG_A, TILE_M);
            fetch(next_b, from_b, p.col_b, p.row_b, n_left, (int)(rest < TILE_K ? rest : TILE_K), ALONG_B, TILE_N);
        }

        multiply(sums, slices_a + turn * (TILE_K * PITCH_A), slices_b + turn * (TILE_K * PITCH_B), item_m, item_n);
        turn ^= 1;
        if (rest > 0) {
            place(slices_a + turn * (TILE_K * PITCH_A), PITCH_A, next_a, ALONG_A, TILE_M);
            place(slices_b + turn * (TILE_K * PITCH_B), PITCH_B, next_b, ALONG_B, TILE_N);
        }

        BARRIER();
    }

    GLOBAL REAL* to = c_buffer + c_offset + ENTRY(p, c, entry) + part * p.step_part + m0 * p.row_c + n0 * p.col_c;
    GLOBAL const REAL* bias = bias_buffer + bias_offset + m0 * p.row_bias + n0 * p.col_bias;
    EACH (int i = 0; i < ITEM_M; i++) {
        const int row = PLACE_M(item_m, i);
        if (row >= m_left) continue;
        EACH (int j = 0; j < ITEM_N; j += SHORT_VECTOR) {
            const int column = PLACE_N(item_n, j);
            GLOBAL REAL* here = to + (row * p.row_c + column * p.col_c);
            if (p.vectors && column < n_left) {
                Vector v;
                UNROLL for (int e = 0; e < SHORT_VECTOR; e++) v.at[e] = FINISHED(p, sums[i][j + e], bias, row, column + e, here[e]);
                *(GLOBAL Vector*)here = v;
            } else {
                UNROLL for (int e = 0; e < SHORT_VECTOR; e++)
                    if (column + e < n_left) here[e * p.col_c] = FINISHED(p, sums[i][j + e], bias, row, column + e, here[e * p.col_c]);
            }
        }
    }
}
