/* Philox4x32-10 (Salmon et al. 2011): the four words of a block of a stream, the same bits as on the CPU. A draw takes word i mod 4 of block counter + i/4. */
typedef struct { u32 word[4]; } PhiloxBlock;

/* A block of a stream whose key and counter are a kernel's operand, IN(u64, stream). */
#define BLOCK_OF(stream, item) philox(stream##_buffer[stream##_offset], stream##_buffer[stream##_offset + 1] + (u64)(item))

DEVICE PhiloxBlock philox(u64 key, u64 counter)
{
    u32 k0 = (u32)key, k1 = (u32)(key >> 32), x0 = (u32)counter, x1 = (u32)(counter >> 32), x2 = 0, x3 = 0;
    UNROLL for (int round = 0; round < 10; round++) {
        u32 a = MULHI_U32(0xD2511F53u, x0), b = MULHI_U32(0xCD9E8D57u, x2), lower_a = 0xD2511F53u * x0, lower_b = 0xCD9E8D57u * x2;
        x0 = b ^ x1 ^ k0;
        x1 = lower_b;
        x2 = a ^ x3 ^ k1;
        x3 = lower_a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    PhiloxBlock block;
    block.word[0] = x0;
    block.word[1] = x1;
    block.word[2] = x2;
    block.word[3] = x3;
    return block;
}
