/* The dialect of the kernels: the subset of C that CUDA C and OpenCL C share, with one name for everything that they spell differently.
   Rules: no templates, references or overloads; an address space on every pointer (GLOBAL, LOCAL); shared memory is declared at a kernel's outermost
   level; element types and tiles are compile-time definitions, sizes are arguments; elementwise kernels take one element (or vector) per work item;
   every sum has a fixed order, so there are no floating-point atomics. A multiplication and an addition are only fused where FMA says so. */
#if defined(__OPENCL_VERSION__) || defined(__OPENCL_C_VERSION__)
/* ---------------------------------------------------------------- OpenCL C 1.2 */
#ifdef USES_DOUBLE
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif
#pragma OPENCL FP_CONTRACT OFF
#define DIALECT_OPENCL 1
#define KERNEL(group) __kernel __attribute__((reqd_work_group_size(group, 1, 1))) void
#define GLOBAL        __global
#define LOCAL         __local
#define SHARED        __local
#define DEVICE        static inline
#define RESTRICT      restrict
#define UNROLL        __attribute__((opencl_unroll_hint))
#define ITEM          ((int)get_local_id(0))
#define GROUP_X       ((i64)get_group_id(0))
#define GROUP_Y       ((int)get_group_id(1))
#define GROUP_Z       ((int)get_group_id(2))
#define GROUPS_X      ((i64)get_num_groups(0))
#define BARRIER()     barrier(CLK_LOCAL_MEM_FENCE)
#define GLOBAL_BARRIER() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
typedef char   i8;
typedef uchar  u8;
typedef ushort u16;
typedef uint   u32;
typedef ulong  u64;
typedef long   i64;
#define MULHI_U32(a, b) mul_hi((u32)(a), (u32)(b))
#define MULHI_U64(a, b) mul_hi((u64)(a), (u64)(b))
#define FMAF(a, b, c) fma((float)(a), (float)(b), (float)(c))
#define SQRTF(x)  sqrt((float)(x))
#define FABSF(x)  fabs((float)(x))
#define FLOORF(x) floor((float)(x))
#define CEILF(x)  ceil((float)(x))
#define TRUNCF(x) trunc((float)(x))
#define RINTF(x)  rint((float)(x))
#define F32_BITS(x) as_uint((float)(x))
#define BITS_F32(x) as_float((u32)(x))
#define F64_BITS(x) as_ulong((double)(x))
#define BITS_F64(x) as_double((u64)(x))
#define FMAD(a, b, c) fma((double)(a), (double)(b), (double)(c))
#define SQRTD(x)  sqrt((double)(x))
#define FABSD(x)  fabs((double)(x))
#define FLOORD(x) floor((double)(x))
#define CEILD(x)  ceil((double)(x))
#define TRUNCD(x) trunc((double)(x))
#define RINTD(x)  rint((double)(x))
#define LIBRARY_SIN sin
#define LIBRARY_COS cos
#define LIBRARY_TAN tan
/* Writes `value` where `expected` stands, as one step; returns what stood there. */
#define COMPARE_EXCHANGE(p, expected, value) atomic_cmpxchg((volatile __global u32*)(p), (u32)(expected), (u32)(value))

#else
/* ---------------------------------------------------------------- CUDA C: NVRTC, or clang without any SDK */
#define DIALECT_CUDA 1
typedef signed char        i8;
typedef unsigned char      u8;
typedef unsigned short     u16;
typedef unsigned int       u32;
typedef unsigned long long u64;
typedef long long          i64;
#if defined(__clang__) && !defined(__CUDACC_RTC__)
#define __global__   __attribute__((global))
#define __device__   __attribute__((device))
#define __shared__   __attribute__((shared))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define ITEM          ((int)__nvvm_read_ptx_sreg_tid_x())
#define GROUP_X       ((i64)__nvvm_read_ptx_sreg_ctaid_x())
#define GROUP_Y       ((int)__nvvm_read_ptx_sreg_ctaid_y())
#define GROUP_Z       ((int)__nvvm_read_ptx_sreg_ctaid_z())
#define GROUPS_X      ((i64)__nvvm_read_ptx_sreg_nctaid_x())
#define MULHI_U32(a, b) ((u32)(((u64)(u32)(a) * (u64)(u32)(b)) >> 32))
#define MULHI_U64(a, b) ((u64)(((unsigned __int128)(u64)(a) * (u64)(b)) >> 64))
#define SQRTF(x)      __nvvm_sqrt_rn_f((float)(x))
#define SQRTD(x)      __nvvm_sqrt_rn_d((double)(x))
#define FMAF(a, b, c) __builtin_fmaf((float)(a), (float)(b), (float)(c))
#define FMAD(a, b, c) __builtin_fma((double)(a), (double)(b), (double)(c))
#define FABSF(x)      __builtin_fabsf((float)(x))
#define FABSD(x)      __builtin_fabs((double)(x))
#define FLOORF(x)     __builtin_floorf((float)(x))
#define FLOORD(x)     __builtin_floor((double)(x))
#define CEILF(x)      __builtin_ceilf((float)(x))
#define CEILD(x)      __builtin_ceil((double)(x))
#define TRUNCF(x)     __builtin_truncf((float)(x))
#define TRUNCD(x)     __builtin_trunc((double)(x))
#define RINTF(x)      __builtin_rintf((float)(x))
#define RINTD(x)      __builtin_rint((double)(x))
#define F32_BITS(x)   __builtin_bit_cast(u32, (float)(x))
#define BITS_F32(x)   __builtin_bit_cast(float, (u32)(x))
#define F64_BITS(x)   __builtin_bit_cast(u64, (double)(x))
#define BITS_F64(x)   __builtin_bit_cast(double, (u64)(x))
#define COMPARE_EXCHANGE(p, expected, value) ((u32)__nvvm_atom_cas_gen_i((int*)(p), (int)(expected), (int)(value)))
__device__ float  sin(float);
__device__ float  cos(float);
__device__ float  tan(float);
__device__ double sin(double);
__device__ double cos(double);
__device__ double tan(double);
#define LIBRARY_SIN sin
#define LIBRARY_COS cos
#define LIBRARY_TAN tan
#else
#define ITEM          ((int)threadIdx.x)
#define GROUP_X       ((i64)blockIdx.x)
#define GROUP_Y       ((int)blockIdx.y)
#define GROUP_Z       ((int)blockIdx.z)
#define GROUPS_X      ((i64)gridDim.x)
#define MULHI_U32(a, b) __umulhi((u32)(a), (u32)(b))
#define MULHI_U64(a, b) __umul64hi((u64)(a), (u64)(b))
#define SQRTF(x)      __fsqrt_rn((float)(x))
#define SQRTD(x)      __dsqrt_rn((double)(x))
#define FMAF(a, b, c) __fmaf_rn((float)(a), (float)(b), (float)(c))
#define FMAD(a, b, c) __fma_rn((double)(a), (double)(b), (double)(c))
#define FABSF(x)      fabsf((float)(x))
#define FABSD(x)      fabs((double)(x))
#define FLOORF(x)     floorf((float)(x))
#define FLOORD(x)     floor((double)(x))
#define CEILF(x)      ceilf((float)(x))
#define CEILD(x)      ceil((double)(x))
#define TRUNCF(x)     truncf((float)(x))
#define TRUNCD(x)     trunc((double)(x))
#define RINTF(x)      rintf((float)(x))
#define RINTD(x)      rint((double)(x))
#define F32_BITS(x)   __float_as_uint((float)(x))
#define BITS_F32(x)   __uint_as_float((u32)(x))
#define F64_BITS(x)   ((u64)__double_as_longlong((double)(x)))
#define BITS_F64(x)   __longlong_as_double((i64)(x))
#define LIBRARY_SIN sin
#define LIBRARY_COS cos
#define LIBRARY_TAN tan
#define COMPARE_EXCHANGE(p, expected, value) atomicCAS((u32*)(p), (u32)(expected), (u32)(value))
#endif
#define KERNEL(group) extern "C" __global__ __launch_bounds__(group) void
#define GLOBAL
#define LOCAL
#define SHARED        __shared__
#define DEVICE        static __device__ __forceinline__
#define RESTRICT      __restrict__
#define UNROLL        _Pragma("unroll")
#define BARRIER()     __syncthreads()
#define GLOBAL_BARRIER() __syncthreads()
#endif

/* BARRIER: the items of a group wait for each other and see what all have written to SHARED memory; GLOBAL_BARRIER: to GLOBAL memory too. */

/* A tensor argument: its buffer and the position of its first element. IN and OUT declare the two parameters, AT makes the pointer:
   KERNEL(GROUP) scale(OUT(REAL, y), IN(REAL, x)) { AT(GLOBAL REAL*, y); AT(GLOBAL const REAL*, x); ... } */
#define IN(type, name)  GLOBAL const type* name##_buffer, i64 name##_offset
#define OUT(type, name) GLOBAL type* name##_buffer, i64 name##_offset
#define AT(type, name)  type name = name##_buffer + name##_offset

/* What the host throws when it next waits: the first fault counts. FAULTS declares the two parameters. */
#define FAULTS GLOBAL u32* fault_record, u32 fault_ticket
#define FAULT(position, value) \
    do { if (COMPARE_EXCHANGE(fault_record, 0, fault_ticket) == 0) { ((GLOBAL i64*)fault_record)[1] = (position); ((GLOBAL i64*)fault_record)[2] = (i64)(value); } } while (0)

/* REAL: the floating-point type of a kernel, with its arithmetic. Every function rounds as IEEE 754 says. */
#ifdef REAL
#define REAL_IS_float 1
#define REAL_IS_double 2
#define REAL_CHOICE_(t) REAL_IS_##t
#define REAL_CHOICE(t) REAL_CHOICE_(t)
#if REAL_CHOICE(REAL) == 2
#define REAL_DOUBLE 1
typedef u64 REAL_WORD;
#define R(x) ((double)(x))
#define FMA FMAD
#define SQRT SQRTD
#define FABS FABSD
#define FLOOR FLOORD
#define CEIL CEILD
#define TRUNC TRUNCD
#define RINT RINTD
#define WORD(x) F64_BITS(x)
#define FROM_WORD(x) BITS_F64(x)
#define INFINITE BITS_F64((u64)0x7FF0000000000000)
#define NOT_A_NUMBER BITS_F64((u64)0x7FF8000000000000)
#else
#define REAL_DOUBLE 0
typedef u32 REAL_WORD;
#define R(x) ((float)(x))
#define FMA FMAF
#define SQRT SQRTF
#define FABS FABSF
#define FLOOR FLOORF
#define CEIL CEILF
#define TRUNC TRUNCF
#define RINT RINTF
#define WORD(x) F32_BITS(x)
#define FROM_WORD(x) BITS_F32(x)
#define INFINITE BITS_F32(0x7F800000u)
#define NOT_A_NUMBER BITS_F32(0x7FC00000u)
#endif

DEVICE int real_is_nan(REAL a) { return a != a; }

/* IEEE 754-2019 maximum and minimum: NaN if either is, +0 above -0. */
DEVICE REAL real_max(REAL a, REAL b)
{
    if (a != a || b != b) return a + b;
    return a > b ? a : b > a ? b : FROM_WORD(WORD(a) & WORD(b));
}

DEVICE REAL real_min(REAL a, REAL b)
{
    if (a != a || b != b) return a + b;
    return a < b ? a : b < a ? b : FROM_WORD(WORD(a) | WORD(b));
}

DEVICE REAL real_clamp(REAL a, REAL low, REAL high) { return a < low ? low : a > high ? high : a; }

/* a * 2^n for an integral n, in two factors that are both normal numbers. */
DEVICE REAL real_scale(REAL a, REAL n)
{
    int all = (int)n, half_of = all >> 1;
#if REAL_DOUBLE
    return a * FROM_WORD((u64)(u32)(half_of + 1023) << 52) * FROM_WORD((u64)(u32)(all - half_of + 1023) << 52);
#else
    return a * FROM_WORD((u32)(half_of + 127) << 23) * FROM_WORD((u32)(all - half_of + 127) << 23);
#endif
}

/* a = m * 2^e with 3/4 <= m < 3/2; +-0 gives (1, -inf), +inf (1, +inf), a negative number or NaN m = NaN. */
typedef struct { REAL mantissa, exponent; } RealParts;
DEVICE RealParts real_split(REAL a)
{
    RealParts parts;
    parts.mantissa = R(1);
    parts.exponent = a == INFINITE ? INFINITE : -INFINITE;
    if (a == R(0) || a == INFINITE) return parts;
    if (!(a > R(0))) { parts.mantissa = NOT_A_NUMBER; return parts; }
#if REAL_DOUBLE
    int subnormal = WORD(a) < (u64)0x0010000000000000;
    u64 word = WORD(subnormal ? a * R(18014398509481984.0) : a) + (u64)0x0008000000000000;
    parts.exponent = R((int)(word >> 52) - 1023 - (subnormal ? 54 : 0));
    parts.mantissa = FROM_WORD((word & (u64)0x000FFFFFFFFFFFFF) + (u64)0x3FE8000000000000);
#else
    int subnormal = WORD(a) < 0x00800000u;
    u32 word = WORD(subnormal ? a * 18014398509481984.0f : a) + 0x00400000u;
    parts.exponent = R((int)(word >> 23) - 127 - (subnormal ? 54 : 0));
    parts.mantissa = FROM_WORD((word & 0x007FFFFFu) + 0x3F400000u);
#endif
    return parts;
}
#endif
