namespace Gradwright.Kernels;

/// <summary>
/// X with A X = B, by the LU factors of A with partial pivoting. Operands: A [.., n, n], B [.., n, m] with the same dimensions in front.
/// </summary>
public sealed record Solve : Op
{
    public override string Name => nameof(Solve);
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    /// <summary>The factors of A, and the order of its rows.</summary>
    public override int KeptCount => 2;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => x[0].Count * (2.0 / 3 * x[0].Shape[^1] + 2.0 * x[1].Shape[^1]);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Matrices.RightSide(this, x[0], x[1]);
        DType dtype = Check.SameType(this, x);
        y[0] = new(dtype, x[1].Shape);
        y[1] = new(dtype, x[0].Shape);
        y[2] = new(DType.Int64, Matrices.Front(x[0].Shape, 1));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor lu = Factors(x[0], y[1]), order = Order(x[0], y[2]);
        using PackedOutput output = new(y[0]!);
        LuFactors.Factor(this, x[0], lu, order, null, refuseSingular: true);
        LuFactors.Solve(lu, order, x[1], output.Tensor, transposed: false);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor lu = Factors(x[0], y[1]), order = Order(x[0], y[2]);
        LuFactors.Factor(this, gpu, x[0], lu, order, null, refuseSingular: true);
        LuFactors.Solve(gpu, lu, order, x[1], y[0]!, transposed: false);
    }

    /// <summary>Where the factors go: the kept output, or a temporary.</summary>
    internal static Tensor Factors(Tensor a, Tensor? kept) => kept?.Alias(ownership: Tensor.Ownership.Internal) ?? Tensor.Empty(a.Shape, a.DType, a.Accelerator);

    /// <summary>Where the order of the rows goes.</summary>
    internal static Tensor Order(Tensor a, Tensor? kept) => kept?.Alias(ownership: Tensor.Ownership.Internal) ?? Tensor.Empty(Matrices.Front(a.Shape, 1), DType.Int64, a.Accelerator);
}

/// <summary>X with A X = B, or Aᵀ X = B, from the factors that <see cref="Solve"/> keeps. Operands: the factors, the order of the rows, B.</summary>
/// <param name="Transposed">Whether A is transposed.</param>
public sealed record LuSolve(bool Transposed) : Op
{
    public override string Name => nameof(LuSolve);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Matrices.RightSide(this, x[0], x[2]);
        Check.Type(this, "the order of the rows", x[1], DType.Int64);
        y[0] = new(x[2].DType, x[2].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed lu = new(x[0]), order = new(x[1]);
        using PackedOutput output = new(y[0]!);
        LuFactors.Solve(lu.Tensor, order.Tensor, x[2], output.Tensor, Transposed);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed lu = new(x[0]), order = new(x[1]);
        LuFactors.Solve(gpu, lu.Tensor, order.Tensor, x[2], y[0]!, Transposed);
    }
}
