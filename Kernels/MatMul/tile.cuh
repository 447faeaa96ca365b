/* A tile of a matrix product, C += A B of two slices in shared memory, [TILE_K][PITCH_A] and [TILE_K][PITCH_B]: what every product in tiles shares.

   Tiles and runs are powers of two.
   TILE_M, TILE_N  rows and columns of C per group; multiples of ITEM_M, ITEM_N
   TILE_K          depth of a step
   ITEM_M, ITEM_N  rows and columns per work item, in runs of RUN neighbours; GROUP is TILE_M / ITEM_M * TILE_N / ITEM_N
   RUN             a multiple of 16 bytes. One such vector leaves no bank conflicts; a processor takes ITEM_N columns at once
   UNROLLED        1: all loops over a work item's values are unrolled, so that they stay in registers; 0 for a processor, which keeps them in memory
                   from barrier to barrier in any case, and compiles a quarter as long */
#define ITEMS_N (TILE_N / ITEM_N)
#define ITEMS_M (TILE_M / ITEM_M)
#define SHORT_VECTOR (16 / (int)sizeof(REAL))
#define PITCH_A (TILE_M + SHORT_VECTOR)
#define PITCH_B (TILE_N + SHORT_VECTOR)

#if UNROLLED
#define EACH UNROLL for
#else
#define EACH for
#endif

/* Row or column number i of an item: work items interleave by whole runs. */
#define RUN_M (RUN < ITEM_M ? RUN : ITEM_M)
#define RUN_N (RUN < ITEM_N ? RUN : ITEM_N)
#define PLACE_M(item, i) ((i) / RUN_M * (RUN_M * ITEMS_M) + (item) * RUN_M + (i) % RUN_M)
#define PLACE_N(item, i) ((i) / RUN_N * (RUN_N * ITEMS_N) + (item) * RUN_N + (i) % RUN_N)

typedef struct __attribute__((aligned(16))) { REAL at[SHORT_VECTOR]; } Vector;

/* A function that writes to a work item's arrays: PoCL 3.1 mixes up those of different items where it does not inline it, as with the second call of a kernel. */
#ifdef DIALECT_OPENCL
#define INLINED static inline __attribute__((always_inline))
#else
#define INLINED DEVICE
#endif

INLINED void multiply(REAL (*sums)[ITEM_N], LOCAL const REAL* slice_a, LOCAL const REAL* slice_b, const int item_m, const int item_n)
{
    EACH (int k = 0; k < TILE_K; k++) {
        Vector a[ITEM_M / SHORT_VECTOR], b[ITEM_N / SHORT_VECTOR];
        UNROLL for (int i = 0; i < ITEM_M / SHORT_VECTOR; i++)
            a[i] = *(LOCAL const Vector*)(slice_a + k * PITCH_A + PLACE_M(item_m, i * SHORT_VECTOR));
        UNROLL for (int j = 0; j < ITEM_N / SHORT_VECTOR; j++)
            b[j] = *(LOCAL const Vector*)(slice_b + k * PITCH_B + PLACE_N(item_n, j * SHORT_VECTOR));
        UNROLL for (int i = 0; i < ITEM_M; i++)
            UNROLL for (int j = 0; j < ITEM_N; j++)
                sums[i][j] = FMA(a[i / SHORT_VECTOR].at[i % SHORT_VECTOR], b[j / SHORT_VECTOR].at[j % SHORT_VECTOR], sums[i][j]);
    }
}
