/* Instructions of compute capability 8.0 that C has no words for: asynchronous copies and tensor cores. All inline PTX stands here. */
#ifndef SM80
#define SM80

/* The address of dynamic shared memory, 128-byte aligned, as the instructions below take it. */
DEVICE u32 shared_start(void)
{
    extern __shared__ __attribute__((aligned(128))) u8 sm80_shared[];
    u32 address;
    asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(address) : "l"(sm80_shared));
    return address;
}

/* Starts copying 16 bytes to shared memory, of which the first `bytes` are read and the others are 0. Both addresses are multiples of 16. */
DEVICE void cp_async16(u32 to, const void* from, int bytes)
{
    asm volatile("{ .reg .u64 t; cvta.to.global.u64 t, %1; cp.async.cg.shared.global [%0], [t], 16, %2; }" :: "r"(to), "l"(from), "r"(bytes) : "memory");
}

/* The copies started since the last call are a group. */
DEVICE void cp_async_commit(void) { asm volatile("cp.async.commit_group;" ::: "memory"); }

/* Waits until at most `groups`, a constant, of this work item's groups are under way. */
#define CP_ASYNC_WAIT(groups) asm volatile("cp.async.wait_group %0;" :: "n"(groups) : "memory")

/* Four 8 x 8 matrices of 16-bit elements: work items 8i..8i+7 of a warp give the rows of matrix i (16 bytes each), and item l gets the two elements from
   2 (l mod 4) on of row l / 4 of each matrix. Of 32-bit elements it gets element l mod 4. */
DEVICE void ldmatrix_x4(u32* r, u32 address)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address) : "memory");
}

/* C [16, 8] += A [16, 8] B [8, 8] in a warp, elements of A and B in TF32. */
DEVICE void mma_tf32(float* c, const u32* a, const u32* b)
{
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/* C [16, 8] += A [16, 16] B [16, 8] in a warp, elements of A and B in BF16, two to a register. */
DEVICE void mma_bf16(float* c, const u32* a, const u32* b)
{
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#endif
