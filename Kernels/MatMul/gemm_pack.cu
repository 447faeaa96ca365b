/* Lays out an operand of a matrix product for tensor cores: y[entry, row, k] = x rounded to TF32 (BF16 = 0) or BF16 (1), 0 from `depth` to `pitch`, which is a
   multiple of 16 bytes. Nearest, ties to even; infinities stay, NaN stays NaN. x has any strides, for outer times batch matrices; y is contiguous.
   A group turns 32 x 32 elements through shared memory, so that both reads and writes run along memory. ALONG is 1 if x's neighbours lie along K.
   Groups: blocks of K, innermost, then blocks of rows, then matrices. GROUP is a multiple of 32. */
#define BLOCK 32

#if BF16
#define ELEMENT u16
#define DROPPED 16
#else
#define ELEMENT u32
#define DROPPED 13
#endif

typedef struct {
    i64 rows, depth, pitch, batch, outer;
    i64 row, along_k, step, step_outer;
} Operand;

DEVICE ELEMENT rounded(float value)
{
    const u32 word = F32_BITS(value);
    const u32 nearest = value != value ? word | 0x00400000u : word + ((1u << (DROPPED - 1)) - 1) + (word >> DROPPED & 1);
#if BF16
    return (ELEMENT)(nearest >> DROPPED);
#else
    return nearest >> DROPPED << DROPPED;
#endif
}

KERNEL(GROUP) gemm_pack(OUT(ELEMENT, y), IN(float, x), Operand p)
{
    SHARED float block[BLOCK * (BLOCK + 1)];
    const i64 blocks_k = (p.pitch + BLOCK - 1) / BLOCK, blocks_m = (p.rows + BLOCK - 1) / BLOCK;
    const i64 above = GROUP_X / blocks_k, entry = above / blocks_m;
    const i64 k0 = (GROUP_X - above * blocks_k) * BLOCK, m0 = (above - entry * blocks_m) * BLOCK;
    GLOBAL const float* from = x_buffer + x_offset + entry / p.batch * p.step_outer + entry % p.batch * p.step;
    for (int s = ITEM; s < BLOCK * BLOCK; s += GROUP) {
        const int i = ALONG ? s / BLOCK : s % BLOCK, k = ALONG ? s % BLOCK : s / BLOCK;
        block[i * (BLOCK + 1) + k] = m0 + i < p.rows && k0 + k < p.depth ? from[(m0 + i) * p.row + (k0 + k) * p.along_k] : 0.0f;
    }
    BARRIER();
    GLOBAL ELEMENT* to = y_buffer + y_offset + entry * p.rows * p.pitch;
    for (int s = ITEM; s < BLOCK * BLOCK; s += GROUP) {
        const int i = s / BLOCK, k = s % BLOCK;
        if (m0 + i < p.rows && k0 + k < p.pitch) to[(m0 + i) * p.pitch + k0 + k] = rounded(block[i * (BLOCK + 1) + k]);
    }
}
