using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// X with T X = B, or Tᵀ X = B, for triangular T [.., n, n] and B [.., n, m] with the same dimensions in front. The other triangle of T is not read.
/// </summary>
/// <param name="Upper">Whether T is the upper triangle.</param>
/// <param name="Transposed">Whether it is transposed.</param>
/// <param name="Unit">Whether its diagonal is taken as ones, and not read.</param>
public sealed record TriangularSolve(bool Upper, bool Transposed, bool Unit) : Op
{
    public override string Name => nameof(TriangularSolve);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => (double)x[0].Count * x[1].Shape[^1];

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Matrices.RightSide(this, x[0], x[1]);
        y[0] = new(Check.SameType(this, x), x[1].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed t = new(x[0]);
        using PackedOutput output = new(y[0]!);
        new Copy().ExecuteInto(output.Tensor, x[1]);
        if (x[0].DType == DType.Float32) TriangularSystem.Run<float>(t.Tensor, output.Tensor, !Upper, Transposed, Unit);
        else TriangularSystem.Run<double>(t.Tensor, output.Tensor, !Upper, Transposed, Unit);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed t = new(x[0]);
        new Copy().ExecuteInto(y[0]!, x[1]);
        TriangularSystem.RunGpu(gpu, t.Tensor, y[0]!, !Upper, Transposed, Unit);
    }
}

/// <summary>Systems with triangular matrices, solved in place.</summary>
internal static class TriangularSystem
{
    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(key => GpuSource.Real("triangular_solve.cu", "triangular_solve", key.Group, key.Type));

    /// <summary>x holds B and becomes X.</summary>
    /// <param name="t">The matrices, row-major.</param>
    /// <param name="x">Right sides, row-major.</param>
    /// <param name="lower">Which triangle of t.</param>
    /// <param name="transposed">Whether it is transposed.</param>
    /// <param name="unit">Whether its diagonal is taken as ones.</param>
    public static unsafe void Run<T>(Tensor t, Tensor x, bool lower, bool transposed, bool unit) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (x.Count == 0) return;
        Job<T> job = new() { T0 = (T*)t.Pointer, X = (T*)x.Pointer, N = (int)x.Shape[^2], M = checked((int)x.Shape[^1]), Lower = lower, Transposed = transposed, Unit = unit };
        WorkerPool.Shared.Run(checked((int)Matrices.Count(t.Shape)), ref job);
    }

    /// <summary>The same on a GPU, one work item per right side.</summary>
    public static void RunGpu(GpuAccelerator gpu, Tensor t, Tensor x, bool lower, bool transposed, bool unit)
    {
        if (x.Count == 0) return;
        long n = x.Shape[^2], m = x.Shape[^1], columns = Matrices.Count(t.Shape) * m;
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(x);
        arguments.In(t);
        arguments.Value(columns);
        arguments.Value((int)n);
        arguments.Value(m);
        arguments.Value(transposed ? 1 : 0);
        arguments.Value(lower != transposed ? 1 : 0);
        arguments.Value(unit ? 1 : 0);
        gpu.Launch(_gpu[(x.DType, group)], LaunchSize.Covering(columns, group), ref arguments);
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* T0, X;
        public int N, M;
        public bool Lower, Transposed, Unit;

        public readonly void Execute(int matrix)
            => MatrixBlocks<T>.Solve(T0 + (long)matrix * N * N, Transposed ? 1 : N, Transposed ? N : 1, N, Lower != Transposed, Unit, X + (long)matrix * N * M, M, M);
    }
}
