/* gemm_mma as a function of a library: KERNEL_TEXT is the file with its definitions, formulas and source. */
#include "emulator.h"
#include KERNEL_TEXT

static float* c;
static const ELEMENT *a, *b;
static const float* bias;
static i64 offsets[4];
static Product product;

extern "C" void emulate(i64 groups, int backwards, float* to, i64 to_offset, const ELEMENT* x, i64 x_offset, const ELEMENT* y, i64 y_offset,
    const float* z, i64 z_offset, const Product* p)
{
    c = to, a = x, b = y, bias = z, product = *p;
    offsets[0] = to_offset, offsets[1] = x_offset, offsets[2] = y_offset, offsets[3] = z_offset;
    run_groups(groups, GROUP, backwards, [] { gemm_mma(c, offsets[0], a, offsets[1], b, offsets[2], bias, offsets[3], product); });
}
