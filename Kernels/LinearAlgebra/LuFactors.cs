using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>The LU factors of a batch of matrices, and systems solved with them.</summary>
internal static class LuFactors
{
    private static readonly KernelTable<(string Entry, DType Type, int Group)> _gpu = new(key => GpuSource.Real("lu.cu", key.Entry, key.Group, key.Type));

    /// <summary>Factors the matrices; the places of zeros among the pivots are errors if asked for.</summary>
    /// <param name="op">Who asks.</param>
    /// <param name="a">[.., n, n].</param>
    /// <param name="lu">Receives both factors, row-major.</param>
    /// <param name="order">Receives the order of the rows, [.., n] (Int64).</param>
    /// <param name="signs">If given, receives 1 or −1 for each matrix: the determinant of the order.</param>
    /// <param name="refuseSingular">Whether a singular matrix is an error.</param>
    public static void Factor(Op op, Tensor a, Tensor lu, Tensor order, Tensor? signs, bool refuseSingular)
    {
        new Copy().ExecuteInto(lu, a);
        if (a.DType == DType.Float32) Factor<float>(op, lu, order, signs, refuseSingular);
        else Factor<double>(op, lu, order, signs, refuseSingular);
    }

    /// <summary>X with A X = B, or Aᵀ X = B.</summary>
    /// <param name="lu">The factors of A.</param>
    /// <param name="order">The order of A's rows.</param>
    /// <param name="b">Right sides, [.., n, m].</param>
    /// <param name="x">Receives X, row-major.</param>
    /// <param name="transposed">Whether A is transposed.</param>
    public static void Solve(Tensor lu, Tensor order, Tensor b, Tensor x, bool transposed)
    {
        using Packed right = new(b);
        if (x.DType == DType.Float32) Solve<float>(lu, order, right.Tensor, x, transposed);
        else Solve<double>(lu, order, right.Tensor, x, transposed);
    }

    /// <summary>The same on a GPU, one group per matrix.</summary>
    public static void Factor(Op op, GpuAccelerator gpu, Tensor a, Tensor lu, Tensor order, Tensor? signs, bool refuseSingular)
    {
        new Copy().ExecuteInto(lu, a);
        if (lu.Count == 0) signs?.FillInPlace(1);
        if (lu.Count == 0) return;
        Shape shape = a.Shape;
        KernelArguments arguments = new();
        arguments.Out(lu);
        arguments.Out(order);
        arguments.Out(signs);
        arguments.Value((int)shape[^1]);
        arguments.Value(signs is null ? 0 : 1);
        arguments.Value(refuseSingular ? 1 : 0);
        gpu.Faults.AddTo(ref arguments, (matrix, _) => Matrices.Failure(op, shape, matrix, Matrices.Singular));
        gpu.Launch(_gpu[("lu_factor", a.DType, gpu.Tuning.RowGroup)], new(Matrices.Count(shape)), ref arguments);
    }

    /// <summary>Solves on a GPU, one work item per right side.</summary>
    public static void Solve(GpuAccelerator gpu, Tensor lu, Tensor order, Tensor b, Tensor x, bool transposed)
    {
        if (x.Count == 0) return;
        if (!transposed)
        {
            Permute(gpu, b, order, x, inverse: false);
            TriangularSystem.RunGpu(gpu, lu, x, lower: true, transposed: false, unit: true);
            TriangularSystem.RunGpu(gpu, lu, x, lower: false, transposed: false, unit: false);
            return;
        }

        using Tensor z = new Copy().Execute(b);
        TriangularSystem.RunGpu(gpu, lu, z, lower: false, transposed: true, unit: false);
        TriangularSystem.RunGpu(gpu, lu, z, lower: true, transposed: true, unit: true);
        Permute(gpu, z, order, x, inverse: true);
    }

    /// <summary>The signs and the logarithms of the determinants' magnitudes, from the factors; a zero gives 0 and −∞.</summary>
    public static void Determinants(GpuAccelerator gpu, Tensor lu, Tensor signs, Tensor logarithms)
    {
        if (signs.Count == 0) return;
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(signs);
        arguments.Out(logarithms);
        arguments.In(lu);
        arguments.Value(signs.Count);
        arguments.Value((int)lu.Shape[^1]);
        gpu.Launch(_gpu[("lu_determinant", lu.DType, group)], LaunchSize.Covering(signs.Count, group), ref arguments);
    }

    private static void Permute(GpuAccelerator gpu, Tensor from, Tensor order, Tensor to, bool inverse)
    {
        using Packed packed = new(from);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(to);
        arguments.In(packed.Tensor);
        arguments.In(order);
        arguments.Value(to.Count);
        arguments.Value(to.Shape[^2]);
        arguments.Value(to.Shape[^1]);
        arguments.Value(inverse ? 1 : 0);
        gpu.Launch(_gpu[("permute_rows", to.DType, group)], LaunchSize.Covering(to.Count, group), ref arguments);
    }

    private static unsafe void Factor<T>(Op op, Tensor lu, Tensor order, Tensor? signs, bool refuseSingular) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int matrices = checked((int)Matrices.Count(lu.Shape));
        using Tensor regular = Tensor.Empty([matrices], DType.Bool, lu.Accelerator);
        FactorJob<T> job = new() { A = (T*)lu.Pointer, Order = (long*)order.Pointer, Signs = signs is null ? null : (T*)signs.Pointer, Regular = (bool*)regular.Pointer, N = (int)lu.Shape[^1] };
        WorkerPool.Shared.Run(matrices, ref job);
        for (int i = 0; refuseSingular && i < matrices; i++)
            if (!job.Regular[i]) throw Matrices.Failure(op, lu.Shape, i, Matrices.Singular);
    }

    private static unsafe void Solve<T>(Tensor lu, Tensor order, Tensor b, Tensor x, bool transposed) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (x.Count == 0) return;
        using Tensor? between = transposed ? Tensor.Empty(x.Shape, x.DType, x.Accelerator) : null;
        SolveJob<T> job = new()
        {
            Lu = (T*)lu.Pointer, Order = (long*)order.Pointer, B = (T*)b.Pointer, X = (T*)x.Pointer, Between = between is null ? null : (T*)between.Pointer,
            N = (int)x.Shape[^2], M = checked((int)x.Shape[^1]),
        };
        WorkerPool.Shared.Run(checked((int)Matrices.Count(lu.Shape)), ref job);
    }

    private unsafe struct FactorJob<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* A, Signs;
        public long* Order;
        public bool* Regular;
        public int N;

        public readonly void Execute(int matrix)
        {
            Regular[matrix] = MatrixBlocks<T>.Lu(A + (long)matrix * N * N, N, Order + (long)matrix * N, out bool isOdd);
            if (Signs != null) Signs[matrix] = isOdd ? T.NegativeOne : T.One;
        }
    }

    private unsafe struct SolveJob<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public T* Lu, B, X, Between;
        public long* Order;
        public int N, M;

        public readonly void Execute(int matrix)
        {
            T* lu = Lu + (long)matrix * N * N, b = B + (long)matrix * N * M, x = X + (long)matrix * N * M;
            long* order = Order + (long)matrix * N;
            if (Between == null)
            {
                for (int i = 0; i < N; i++) new Span<T>(b + order[i] * M, M).CopyTo(new(x + (long)i * M, M));
                MatrixBlocks<T>.Solve(lu, N, 1, N, true, true, x, M, M);
                MatrixBlocks<T>.Solve(lu, N, 1, N, false, false, x, M, M);
                return;
            }

            // Aᵀ = Uᵀ Lᵀ P.
            T* z = Between + (long)matrix * N * M;
            new Span<T>(b, N * M).CopyTo(new(z, N * M));
            MatrixBlocks<T>.Solve(lu, 1, N, N, true, false, z, M, M);
            MatrixBlocks<T>.Solve(lu, 1, N, N, false, true, z, M, M);
            for (int i = 0; i < N; i++) new Span<T>(z + (long)i * M, M).CopyTo(new(x + order[i] * M, M));
        }
    }
}
