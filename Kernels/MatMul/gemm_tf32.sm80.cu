/* The matrix product in TF32: see gemm_mma.cuh. */
#define ELEMENT u32
#define MMA mma_tf32
#include "gemm_mma.cuh"
