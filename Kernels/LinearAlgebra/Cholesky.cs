using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// The lower triangular L with LLᵀ = (A + Aᵀ)/2 for positive definite A [.., n, n]: of an A that is not symmetric, its symmetric part counts, so that both triangles
/// get their gradient.
/// </summary>
public sealed record Cholesky : Op
{
    public override string Name => nameof(Cholesky);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => x[0].Count * (x[0].Shape[^1] / 3.0);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Matrices.Square(this, "the matrix", x[0]);
        y[0] = new(x[0].DType, x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed a = new(x[0]);
        using PackedOutput output = new(y[0]!);
        if (x[0].DType == DType.Float32) Run<float>(a.Tensor, output.Tensor);
        else Run<double>(a.Tensor, output.Tensor);
        output.Finish();
    }

    private unsafe void Run<T>(Tensor a, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int matrices = checked((int)Matrices.Count(a.Shape));
        using Tensor positive = Tensor.Empty([matrices], DType.Bool, a.Accelerator);
        Job<T> job = new() { A = (T*)a.Pointer, Y = (T*)y.Pointer, Positive = (bool*)positive.Pointer, N = (int)a.Shape[^1] };
        WorkerPool.Shared.Run(matrices, ref job);
        for (int i = 0; i < matrices; i++)
            if (!job.Positive[i]) throw Matrices.Failure(this, a.Shape, i, Matrices.NotPositive);
    }

    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(key => GpuSource.Real("cholesky.cu", "cholesky", key.Group, key.Type));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        using Packed a = new(x[0]);
        Shape shape = x[0].Shape;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(a.Tensor);
        arguments.Value((int)shape[^1]);
        gpu.Faults.AddTo(ref arguments, (matrix, _) => Matrices.Failure(this, shape, matrix, Matrices.NotPositive));
        gpu.Launch(_gpu[(x[0].DType, gpu.Tuning.RowGroup)], new(Matrices.Count(shape)), ref arguments);
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* A, Y;
        public bool* Positive;
        public int N;

        public readonly void Execute(int matrix)
        {
            T* a = A + (long)matrix * N * N, y = Y + (long)matrix * N * N;
            T half = T.CreateTruncating(0.5);
            for (int i = 0; i < N; i++)
                for (int j = 0; j <= i; j++) y[(long)i * N + j] = half * (a[(long)i * N + j] + a[(long)j * N + i]);
            Positive[matrix] = MatrixBlocks<T>.Cholesky(y, N);
        }
    }
}
