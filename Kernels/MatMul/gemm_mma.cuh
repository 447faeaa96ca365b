/* C = activation(A B + bias) on tensor cores, from operands that gemm_pack has rounded and laid out: A as [m, row_a], B as [n, col_b], both with K along
   their rows, whole multiples of 16 bytes long and 0 beyond K; offsets and steps are such multiples too. C as in gemm.cu: any strides. Compute capability 8.0.

   A group of 8 warps computes 128 x 128 of C, a warp 64 x 32. In shared memory a step is 128 bytes deep: 128 rows of A and 128 columns of B, eight chunks of
   16 bytes each, chunk c of row r in place c ^ (r mod 8), so that neither copies nor ldmatrix meet bank conflicts. STAGES steps are under way.

   ELEMENT  the operands' elements: 32 bits for TF32, 16 for BF16
   MMA      the instruction: it takes 32 bytes of K
   STAGES   3 or more; dynamic shared memory is STAGES * 32 KiB */
#include "gemm.cuh"
#include "sm80.cuh"

#define TILE 128
#define ROW_BYTES 128
#define CHUNK ((int)(16 / sizeof(ELEMENT)))
#define DEPTH ((int)(ROW_BYTES / sizeof(ELEMENT)))
#define OPERAND_BYTES (TILE * ROW_BYTES)
#define STAGE_BYTES (2 * OPERAND_BYTES)
#define PLACE(row, chunk) ((row) * ROW_BYTES + (((chunk) ^ ((row) & 7)) * 16))

/* Starts to copy one step of an operand: `x` is this work item's first chunk, `left` the rows there are, `inside` whether the chunk is within K. */
DEVICE void copy_step(u32 to, GLOBAL const ELEMENT* x, i64 pitch, int left, int inside)
{
    const int chunk = ITEM % 8, row = ITEM / 8;
    UNROLL for (int s = 0; s < TILE * 8 / GROUP; s++) {
        const int r = row + s * (GROUP / 8), here = inside && r < left;
        cp_async16(to + PLACE(r, chunk), here ? x + s * (GROUP / 8) * pitch : x, here ? 16 : 0);
    }
}

KERNEL(GROUP) gemm_mma(OUT(float, c), IN(ELEMENT, a), IN(ELEMENT, b), IN(float, bias), Product p)
{
    const i64 tiles_m = (p.m + TILE - 1) / TILE, tiles_n = (p.n + TILE - 1) / TILE;
    const i64 outer = GROUP_X / (tiles_m * tiles_n), tile = GROUP_X - outer * (tiles_m * tiles_n);
    const i64 entry = outer / p.parts, part = outer - entry * p.parts;
    i64 tile_m, tile_n;
    TILE_OF(tile, tiles_m, tiles_n, tile_m, tile_n);

    const i64 m0 = tile_m * TILE, n0 = tile_n * TILE, k0 = part * p.depth;
    const int m_left = (int)(p.m - m0 < TILE ? p.m - m0 : TILE), n_left = (int)(p.n - n0 < TILE ? p.n - n0 : TILE);
    const int k_left = (int)(p.k - k0 < p.depth ? p.k - k0 : p.depth), steps = (k_left + DEPTH - 1) / DEPTH;

    /* Where this work item's copies start; beyond the last row it would copy nothing, from the first one. */
    const int my_row = ITEM / 8, my_chunk = ITEM % 8 * CHUNK;
    GLOBAL const ELEMENT* from_a = a_buffer + a_offset + ENTRY(p, a, entry) + (m0 + (my_row < m_left ? my_row : 0)) * p.row_a + k0;
    GLOBAL const ELEMENT* from_b = b_buffer + b_offset + ENTRY(p, b, entry) + (n0 + (my_row < n_left ? my_row : 0)) * p.col_b + k0;
    const u32 shared = shared_start();

#define COPY_STEP(step, stage) { \
        const int at = (step) * DEPTH + my_chunk, inside = at < k_left, k = inside ? at : 0; \
        copy_step(shared + (stage) * STAGE_BYTES, from_a + k, p.row_a, m_left, inside); \
        copy_step(shared + (stage) * STAGE_BYTES + OPERAND_BYTES, from_b + k, p.col_b, n_left, inside); }

    UNROLL for (int s = 0; s < STAGES - 1; s++) {
        if (s < steps) COPY_STEP(s, s)
        cp_async_commit();
    }

    const int lane = ITEM % 32, warp = ITEM / 32, warp_m = warp % 2 * 64, warp_n = warp / 2 * 32;
    const int row_a = warp_m + lane % 16, chunk_a = lane / 16;                          /* which row of which 8 x 16-byte matrix this item names */
    const int row_b = warp_n + lane % 8 + lane / 16 * 8, chunk_b = lane / 8 % 2;
    float sums[4][4][4];
    UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) UNROLL for (int e = 0; e < 4; e++) sums[i][j][e] = 0.0f;

    int stage = 0, next = STAGES - 1;
    for (int step = 0; step < steps; step++) {
        CP_ASYNC_WAIT(STAGES - 2);
        BARRIER();
        if (step + STAGES - 1 < steps) COPY_STEP(step + STAGES - 1, next)
        cp_async_commit();
        const u32 slice_a = shared + stage * STAGE_BYTES, slice_b = slice_a + OPERAND_BYTES;
        UNROLL for (int k = 0; k < 8; k += 2) {
            u32 va[4][4], vb[2][4];
            UNROLL for (int i = 0; i < 4; i++) ldmatrix_x4(va[i], slice_a + PLACE(row_a + i * 16, k + chunk_a));
            UNROLL for (int j = 0; j < 2; j++) ldmatrix_x4(vb[j], slice_b + PLACE(row_b + j * 16, k + chunk_b));
            UNROLL for (int i = 0; i < 4; i++)
                UNROLL for (int j = 0; j < 4; j++) MMA(sums[i][j], va[i], vb[j / 2] + j % 2 * 2);
        }
        stage = stage + 1 == STAGES ? 0 : stage + 1;
        next = next + 1 == STAGES ? 0 : next + 1;
    }

    /* An item has columns 2 (lane mod 4) and the next one of rows lane / 4 and 8 further down. */
    GLOBAL float* to = c_buffer + c_offset + ENTRY(p, c, entry) + part * p.step_part + m0 * p.row_c + n0 * p.col_c;
    GLOBAL const float* from_bias = bias_buffer + bias_offset + m0 * p.row_bias + n0 * p.col_bias;
    UNROLL for (int i = 0; i < 4; i++)
        UNROLL for (int h = 0; h < 2; h++) {
            const int row = warp_m + i * 16 + h * 8 + lane / 4;
            if (row >= m_left) continue;
            UNROLL for (int j = 0; j < 4; j++) {
                const int column = warp_n + j * 8 + lane % 4 * 2;
                GLOBAL float* here = to + (row * p.row_c + column * p.col_c);
                UNROLL for (int e = 0; e < 2; e++)
                    if (column + e < n_left) here[e * p.col_c] = FINISHED(p, sums[i][j][h * 2 + e], from_bias, row, column + e, here[e * p.col_c]);
            }
        }
}
