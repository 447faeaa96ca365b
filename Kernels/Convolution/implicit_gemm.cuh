/* What the implicit products of a convolution share. There are two slices of each operand: while one step's are multiplied, the next step's are on their way
   into registers. GROUP is a multiple of TILE_K. */
#include "tile.cuh"

#define READS_A (TILE_M * TILE_K / GROUP)
#define READS_B (TILE_N * TILE_K / GROUP)

/* Where there are fewer work items than columns, each takes several: ITEM % ACROSS, and on by ACROSS. */
#define COLUMNS (TILE_N > GROUP ? TILE_N / GROUP : 1)
#define ACROSS (TILE_N / COLUMNS)

/* A place far outside of every plane; two of them may be added. */
#define OUTSIDE (-(1 << 29))
