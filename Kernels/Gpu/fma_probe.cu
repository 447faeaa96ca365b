/* The device's arithmetic limit: each work item keeps CHAINS independent multiply-adds of WIDTH lanes in flight, STEPS times. Lanes are OpenCL's vectors,
   without which a processor would run one lane at a time; a CUDA work item is a lane by itself. y only keeps the compiler from dropping the work. */
#define CHAINS 8
#ifdef DIALECT_OPENCL
typedef float16 Lanes;
#define ADVANCE(x) x = fma(x, (Lanes)(a), (Lanes)(b))
#define FIRST(x) (x).s0
#define START(v) (Lanes)(v)
#else
typedef float Lanes;
#define ADVANCE(x) x = FMA(x, a, b)
#define FIRST(x) (x)
#define START(v) (v)
#endif
KERNEL(GROUP) fma_probe(OUT(REAL, y), int steps, REAL a, REAL b)
{
    Lanes x[CHAINS];
    UNROLL for (int k = 0; k < CHAINS; k++) x[k] = START(R(ITEM + k) * R(0.0625));
    for (int i = 0; i < steps; i++) {
        UNROLL for (int k = 0; k < CHAINS; k++) ADVANCE(x[k]);
    }
    Lanes sum = x[0];
    UNROLL for (int k = 1; k < CHAINS; k++) sum += x[k];
    y_buffer[y_offset + GROUP_X * GROUP + ITEM] = FIRST(sum);
}
