/* What the implicit products of a convolution share: C += A B of two slices in shared memory, [TILE_K][TILE_M] and [TILE_K][TILE_N]. There are two of each: while
   one step's are multiplied, the next step's are on their way into registers.

   TILE_M, TILE_N  rows and columns of C per group; multiples of ITEM_M, ITEM_N
   TILE_K          depth of a step; GROUP is a multiple of it
   ITEM_M, ITEM_N  rows and columns per work item, in runs of RUN neighbours; GROUP is TILE_M / ITEM_M * TILE_N / ITEM_N, and a multiple of TILE_N
   RUN             a multiple of 16 bytes. One such vector leaves no bank conflicts; a processor prefers ITEM_N */
#define ITEMS_N (TILE_N / ITEM_N)
#define SHORT_VECTOR (16 / (int)sizeof(REAL))
#define PITCH_A (TILE_M + SHORT_VECTOR)
#define PITCH_B (TILE_N + SHORT_VECTOR)
#define READS_A (TILE_M * TILE_K / GROUP)
#define READS_B (TILE_N * TILE_K / GROUP)

/* Row or column number i of an item: work items interleave by whole runs. Down, a run is ITEM_M or a vector. */
#define PLACE_N(item, i) ((i) / RUN * (RUN * ITEMS_N) + (item) * RUN + (i) % RUN)
#define RUN_M (RUN < ITEM_M ? RUN : ITEM_M)
#define PLACE_M(item, i) ((i) / RUN_M * (RUN_M * (TILE_M / ITEM_M)) + (item) * RUN_M + (i) % RUN_M)

/* A place far outside of every plane; two of them may be added. */
#define OUTSIDE (-(1 << 29))

typedef struct __attribute__((aligned(16))) { REAL at[SHORT_VECTOR]; } Vector;

DEVICE void multiply(REAL (*sums)[ITEM_N], LOCAL const REAL* slice_a, LOCAL const REAL* slice_b, const int item_m, const int item_n)
{
    UNROLL for (int k = 0; k < TILE_K; k++) {
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
