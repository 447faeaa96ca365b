/* How a window slides over volumes [depth, height, width]: over their planes as windows.cuh says, and position t of `out_depth` reads planes
   t * stride_d - padding_d + a * dilation_d. VOLUME is 0 where there is one plane; all numbers are 1 then, but the padding 0. A volume has fewer than 2^31 elements. */
#include "windows.cuh"

typedef struct { i64 depth, out_depth, size_d, stride_d, padding_d, dilation_d; } Depths;

/* A number of a Depths, known to the compiler where there is one plane. */
#define DEPTH(number, otherwise) (VOLUME ? (int)(number) : (otherwise))
