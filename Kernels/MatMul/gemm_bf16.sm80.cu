/* The matrix product in BF16: see gemm_mma.cuh. */
#define ELEMENT u16
#define MMA mma_bf16
#include "gemm_mma.cuh"
