/* C = activation(A B + bias) for few columns: A is read once, at the speed of memory. Any sizes and strides: see Product. A group computes
   GROUP / lanes * ROWS rows of WIDTH columns, `lanes` work items to a row; each adds up every lanes-th term of ROWS rows, then the lanes' sums
   are folded together. Groups: blocks of rows, innermost, then blocks of WIDTH columns, then parts of K, then the batch.

   ROWS     rows per work item, each a stream of memory of its own
   WIDTH    columns per work item
   ALONG_A  1: neighbouring work items are lanes of a row, 0: they are rows; the dimension of A whose stride is 1
   lanes    a power of two, at most GROUP */
#include "gemm.cuh"

KERNEL(GROUP) gemv(OUT(REAL, c), IN(REAL, a), IN(REAL, b), IN(REAL, bias), Product p, int lanes)
{
    SHARED REAL sums[ROWS * WIDTH * GROUP];

    const int rows = GROUP / lanes;
    const int lane = ALONG_A ? ITEM % lanes : ITEM / rows, row = ALONG_A ? ITEM / lanes : ITEM % rows;
    const i64 blocks_m = (p.m + rows * ROWS - 1) / (rows * ROWS), blocks_n = (p.n + WIDTH - 1) / WIDTH;
    const i64 outer_n = GROUP_X / blocks_m, outer_k = outer_n / blocks_n, entry = outer_k / p.parts, part = outer_k - entry * p.parts;
    const i64 m0 = (GROUP_X - outer_n * blocks_m) * (rows * ROWS) + row, n0 = (outer_n - outer_k * blocks_n) * WIDTH;
    const i64 k0 = part * p.depth, k_end = p.k - k0 < p.depth ? p.k : k0 + p.depth;

    /* Beyond the last row or column the last one is read again, rather than branched on. */
    GLOBAL const REAL* from_a[ROWS];
    GLOBAL const REAL* from_b[WIDTH];
    UNROLL for (int r = 0; r < ROWS; r++) {
        const i64 i = m0 + r * rows;
        from_a[r] = a_buffer + a_offset + ENTRY(p, a, entry) + (i < p.m ? i : p.m - 1) * p.row_a + (k0 + lane) * p.col_a;
    }
    UNROLL for (int w = 0; w < WIDTH; w++) {
        const i64 j = n0 + w;
        from_b[w] = b_buffer + b_offset + ENTRY(p, b, entry) + (j < p.n ? j : p.n - 1) * p.col_b + (k0 + lane) * p.row_b;
    }

    REAL own[ROWS][WIDTH];
    UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int w = 0; w < WIDTH; w++) own[r][w] = R(0);
    for (i64 k = k0 + lane; k < k_end; k += lanes) {
        REAL x[WIDTH];
        UNROLL for (int w = 0; w < WIDTH; w++) {
            x[w] = *from_b[w];
            from_b[w] += lanes * p.row_b;
        }
        UNROLL for (int r = 0; r < ROWS; r++) {
            const REAL y = *from_a[r];
            from_a[r] += lanes * p.col_a;
            UNROLL for (int w = 0; w < WIDTH; w++) own[r][w] = FMA(y, x[w], own[r][w]);
        }
    }

    /* sums: [ROWS * WIDTH][GROUP], and within a group lane by lane as work items lie. */
    const int step = ALONG_A ? 1 : rows;
    UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int w = 0; w < WIDTH; w++) sums[(r * WIDTH + w) * GROUP + ITEM] = own[r][w];
    BARRIER();
    for (int half_of = lanes / 2; half_of > 0; half_of /= 2) {
        if (lane < half_of)
            UNROLL for (int s = 0; s < ROWS * WIDTH; s++) sums[s * GROUP + ITEM] += sums[s * GROUP + ITEM + half_of * step];
        BARRIER();
    }

    if (lane != 0) return;
    GLOBAL REAL* to = c_buffer + c_offset + ENTRY(p, c, entry) + part * p.step_part;
    GLOBAL const REAL* bias = bias_buffer + bias_offset;
    UNROLL for (int r = 0; r < ROWS; r++) {
        const i64 i = m0 + r * rows;
        UNROLL for (int w = 0; w < WIDTH; w++) {
            const i64 j = n0 + w;
            if (i < p.m && j < p.n) {
                GLOBAL REAL* here = to + i * p.row_c + j * p.col_c;
                *here = FINISHED(p, sums[(r * WIDTH + w) * GROUP + ITEM], bias, i, j, *here);
            }
        }
    }
}
