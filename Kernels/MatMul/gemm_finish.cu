/* C = activation(sum of parts + bias): adds up the partial products of a K that was cut, in order; without any part, the product of no terms. A work item
   takes one element of C; partial sums lie as [outer * batch, parts, m, n], contiguous. The Product is that of C; step_part is m * n. */
#include "gemm.cuh"

KERNEL(GROUP) gemm_finish(OUT(REAL, c), IN(REAL, partial), IN(REAL, bias), Product p)
{
    const i64 at = GROUP_X * GROUP + ITEM, size = p.m * p.n;
    if (at >= p.outer * p.batch * size) return;
    const i64 entry = at / size, within = at - entry * size, i = within / p.n, j = within - i * p.n;
    GLOBAL const REAL* from = partial_buffer + partial_offset + entry * p.parts * p.step_part + within;
    REAL sum = R(0);
    for (i64 part = 0; part < p.parts; part++) sum += from[part * p.step_part];
    GLOBAL REAL* to = c_buffer + c_offset + ENTRY(p, c, entry) + i * p.row_c + j * p.col_c;
    GLOBAL const REAL* bias = bias_buffer + bias_offset;
    *to = FINISHED(p, sum, bias, i, j, *to);
}
