/* y[i] = F(a[i], b[i], c[i]) for OPERANDS operands of types TA, TB, TC and results of type TY; F may be called with y's own memory as an operand.
   SCALAR is the number (1, 2, 3) of an operand that is one value for all, or 0.
   DENSE: all run through memory in the same order; a work item takes one element, or VECTOR neighbours at an address that is a multiple of their size.
   Otherwise a Walk says where each operand's elements are. INDEX is int, or i64 where positions need it. */
#if SCALAR == 1
#define PARAMETER_A TA a
#define FETCH_A(i) a
#else
#define PARAMETER_A IN(TA, a)
#define FETCH_A(i) a_buffer[a_offset + (i)]
#endif
#if SCALAR == 2
#define PARAMETER_B TB b
#define FETCH_B(i) b
#else
#define PARAMETER_B IN(TB, b)
#define FETCH_B(i) b_buffer[b_offset + (i)]
#endif
#if SCALAR == 3
#define PARAMETER_C TC c
#define FETCH_C(i) c
#else
#define PARAMETER_C IN(TC, c)
#define FETCH_C(i) c_buffer[c_offset + (i)]
#endif

#if OPERANDS == 1
#define PARAMETERS OUT(TY, y), PARAMETER_A
#define RESULT(ia, ib, ic) F(FETCH_A(ia))
#elif OPERANDS == 2
#define PARAMETERS OUT(TY, y), PARAMETER_A, PARAMETER_B
#define RESULT(ia, ib, ic) F(FETCH_A(ia), FETCH_B(ib))
#else
#define PARAMETERS OUT(TY, y), PARAMETER_A, PARAMETER_B, PARAMETER_C
#define RESULT(ia, ib, ic) F(FETCH_A(ia), FETCH_B(ib), FETCH_C(ic))
#endif

#if DENSE && VECTOR > 1
#define VECTOR_OF(type) struct __attribute__((aligned(VECTOR * sizeof(type)))) { type at[VECTOR]; }
typedef VECTOR_OF(TY) VectorY;
typedef VECTOR_OF(TA) VectorA;
#if OPERANDS > 1
typedef VECTOR_OF(TB) VectorB;
#endif
#if OPERANDS > 2
typedef VECTOR_OF(TC) VectorC;
#endif

KERNEL(GROUP) map_dense(PARAMETERS, i64 count)
{
    i64 i = (GROUP_X * GROUP + ITEM) * VECTOR;
    if (i + VECTOR > count) {
        for (; i < count; i++) y_buffer[y_offset + i] = RESULT(i, i, i);
        return;
    }
    VectorY results;
#if SCALAR == 1
    VectorA as;
    UNROLL for (int k = 0; k < VECTOR; k++) as.at[k] = a;
#else
    const VectorA as = *(GLOBAL const VectorA*)(a_buffer + a_offset + i);
#endif
#if OPERANDS > 1
#if SCALAR == 2
    VectorB bs;
    UNROLL for (int k = 0; k < VECTOR; k++) bs.at[k] = b;
#else
    const VectorB bs = *(GLOBAL const VectorB*)(b_buffer + b_offset + i);
#endif
#endif
#if OPERANDS > 2
#if SCALAR == 3
    VectorC cs;
    UNROLL for (int k = 0; k < VECTOR; k++) cs.at[k] = c;
#else
    const VectorC cs = *(GLOBAL const VectorC*)(c_buffer + c_offset + i);
#endif
#endif
#if OPERANDS == 1
    UNROLL for (int k = 0; k < VECTOR; k++) results.at[k] = F(as.at[k]);
#elif OPERANDS == 2
    UNROLL for (int k = 0; k < VECTOR; k++) results.at[k] = F(as.at[k], bs.at[k]);
#else
    UNROLL for (int k = 0; k < VECTOR; k++) results.at[k] = F(as.at[k], bs.at[k], cs.at[k]);
#endif
    *(GLOBAL VectorY*)(y_buffer + y_offset + i) = results;
}
#elif DENSE
KERNEL(GROUP) map_dense(PARAMETERS, i64 count)
{
    i64 i = GROUP_X * GROUP + ITEM;
    if (i < count) y_buffer[y_offset + i] = RESULT(i, i, i);
}
#else
#include "walk.cuh"
KERNEL(GROUP) map_strided(PARAMETERS, Walk walk)
{
    i64 item = GROUP_X * GROUP + ITEM;
    if (item >= walk.count) return;
    INDEX rest = (INDEX)item, iy = 0, ia = 0, ib = 0, ic = 0;
    for (int d = (int)walk.rank - 1; d >= 0; d--) {
        INDEX length = (INDEX)walk.length[d], above = d == 0 ? 0 : rest / length, k = rest - above * length;
        iy += k * (INDEX)walk.stride[d][0];
        ia += k * (INDEX)walk.stride[d][1];
        ib += k * (INDEX)walk.stride[d][2];
        ic += k * (INDEX)walk.stride[d][3];
        rest = above;
    }
    y_buffer[y_offset + iy] = RESULT(ia, ib, ic);
}
#endif
