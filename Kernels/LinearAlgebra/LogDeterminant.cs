using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>The sign of the determinant of A [.., n, n], and ln |det A|, by the LU factors; a singular matrix gives 0 and −∞.</summary>
public sealed record LogDeterminant : Op
{
    public override string Name => nameof(LogDeterminant);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    public override int OutputCount => 2;

    /// <summary>The factors of A, and the order of its rows.</summary>
    public override int KeptCount => 2;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Matrices.Square(this, "the matrix", x[0]);
        y[0] = y[1] = new(x[0].DType, Matrices.Front(x[0].Shape, 2));
        y[2] = new(x[0].DType, x[0].Shape);
        y[3] = new(DType.Int64, Matrices.Front(x[0].Shape, 1));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor lu = Solve.Factors(x[0], y[2]), order = Solve.Order(x[0], y[3]);
        LuFactors.Factor(this, x[0], lu, order, y[0], refuseSingular: false);
        if (x[0].DType == DType.Float32) Multiply<float>(lu, y[0]!, y[1]!);
        else Multiply<double>(lu, y[0]!, y[1]!);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor lu = Solve.Factors(x[0], y[2]), order = Solve.Order(x[0], y[3]);
        LuFactors.Factor(this, gpu, x[0], lu, order, y[0], refuseSingular: false);
        LuFactors.Determinants(gpu, lu, y[0]!, y[1]!);
    }

    private static unsafe void Multiply<T>(Tensor lu, Tensor signs, Tensor logarithms) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long n = lu.Shape[^1];
        for (long matrix = 0; matrix < signs.Count; matrix++)
        {
            T* a = (T*)lu.Pointer + matrix * n * n, sign = (T*)signs.Pointer + matrix;
            double sum = 0;
            for (long i = 0; i < n; i++)
            {
                T pivot = a[i * (n + 1)];
                *sign = pivot < T.Zero ? -*sign : pivot == T.Zero ? T.Zero : *sign;
                sum += Math.Log(Math.Abs(double.CreateTruncating(pivot)));
            }

            ((T*)logarithms.Pointer)[matrix] = T.CreateTruncating(sum);
        }
    }
}
