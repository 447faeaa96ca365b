using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Gradwright.Kernels;

/// <summary>Matrix products on the CPU, for any strides, in the widest vectors the machine has.</summary>
/// <remarks>
/// Each element is a sum of correctly rounded or fused products in an order that depends on the sizes and strides only, never on the
/// number of threads. NaN and infinity follow IEEE 754: nothing is skipped for being multiplied by zero.
/// </remarks>
public static unsafe class Gemm
{
    /// <summary>For products inside a task, which stay on its thread.</summary>
    internal static readonly WorkerPool OwnThread = new(1);

    /// <summary>Computes <paramref name="arguments"/> with the threads of <paramref name="pool"/>, by default <see cref="WorkerPool.Shared"/>.</summary>
    /// <exception cref="ArgumentException">A size is negative, or neither of C's strides is 1.</exception>
    [MethodImpl(HotLoop.Options)]
    public static void Run<T>(in GemmArguments<T> arguments, WorkerPool? pool = null) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated) Run<T, Vector512<T>, Simd512<T>>(arguments, pool);
        else if (Vector256.IsHardwareAccelerated) Run<T, Vector256<T>, Simd256<T>>(arguments, pool);
        else if (Vector128.IsHardwareAccelerated) Run<T, Vector128<T>, Simd128<T>>(arguments, pool);
        else Run<T, T, SimdScalar<T>>(arguments, pool);
    }

    /// <summary>The same in a given vector shape, which the machine need not have in hardware.</summary>
    /// <inheritdoc cref="Run{T}(in GemmArguments{T}, WorkerPool?)"/>
    [MethodImpl(HotLoop.Options)]
    public static void Run<T, V, S>(in GemmArguments<T> arguments, WorkerPool? pool = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
    {
        GemmArguments<T> p = arguments;
        if ((p.M | p.N | p.K | p.Batch) < 0)
            throw new ArgumentException($"Gemm: sizes must not be negative, but [{p.M}, {p.K}] · [{p.K}, {p.N}], {p.Batch} times, was asked for.");
        if (p.M == 0 || p.N == 0 || p.Batch == 0) return;

        if (p.Taps > 1 && (p.ColB != 1 || p.ColC != 1))
            throw new ArgumentException($"Gemm: {p.Taps} taps need contiguous columns of B and C, but they are {p.ColB} and {p.ColC} elements apart.");
        if (p.Taps > 1)
        {
            GemmDriver<T, V, S>.Run(ref p, pool);
            return;
        }

        // A dimension of length 1 has no stride: it counts as contiguous.
        if (p.K == 1) p.ColA = p.RowB = 1;
        if (p.N == 1) p.ColB = p.ColC = 1;
        if (p.M == 1) p.RowA = p.RowC = 1;
        if (p.PanelB == 0 && (p.ColC != 1 || (p.N == 1 && p.RowC == 1))) Transpose(ref p);
        GemmDriver<T, V, S>.Run(ref p, pool);
    }

    /// <summary>Cᵀ = Bᵀ · Aᵀ: gives C contiguous rows, and a single column the form of a single row.</summary>
    private static void Transpose<T>(ref GemmArguments<T> p) where T : unmanaged
    {
        if (p.RowC != 1)
            throw new ArgumentException($"Gemm: C has strides [{p.RowC}, {p.ColC}], but one must be 1. Write to a contiguous buffer and copy.");
        T* a = p.A, bias = p.Bias;
        p.A = p.B;
        p.B = a;
        p.Bias = p.RowBias;
        p.RowBias = bias;
        (p.M, p.N) = (p.N, p.M);
        (p.RowA, p.ColA, p.RowB, p.ColB) = (p.ColB, p.RowB, p.ColA, p.RowA);
        (p.RowC, p.ColC) = (p.ColC, p.RowC);
        (p.StepA, p.StepB) = (p.StepB, p.StepA);
    }
}
