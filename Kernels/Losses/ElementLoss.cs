namespace Gradwright.Kernels;

/// <summary>
/// A loss that is computed element by element, ℓ(x, t), and its sum or mean in the same pass: no tensor of losses is made. Operands of one shape: predictions x,
/// targets t, and perhaps a weight w for each element, which multiplies its loss; the mean divides by the number of elements.
/// </summary>
/// <typeparam name="TLoss">ℓ.</typeparam>
/// <param name="Reduction">What becomes of the losses.</param>
/// <param name="Parameter">ℓ's parameter, if it has one.</param>
public sealed record ElementLoss<TLoss>(Reduction Reduction, double Parameter = 0) : Op where TLoss : struct, ILossKernel
{
    public override string Name => TLoss.Name;
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        DType dtype = Check.SameType(this, x);
        Check.SameShape(this, "predictions", x[0], "targets", x[1]);
        if (x.Length > 2) Check.SameShape(this, "predictions", x[0], "weights", x[2]);
        y[0] = new(dtype, Reduction == Reduction.None ? x[0].Shape : []);
    }

    /// <summary>What the sum of the losses is divided by.</summary>
    internal double Divisor(long count) => Reduction == Reduction.Mean ? count : 1;

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        if (x[0].DType == DType.Float32) LossLoop<TLoss>.Forward<float>(this, x, output.Tensor);
        else LossLoop<TLoss>.Forward<double>(this, x, output.Tensor);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => LossKernel<TLoss>.Forward(this, gpu, x, y[0]!);
}

/// <summary>
/// The backward pass of <see cref="ElementLoss{TLoss}"/>: dx = γ w ∂ℓ/∂x, with γ the gradient g of the element, or of the sum or mean (over the number of elements).
/// Operands: g, then those of the loss.
/// </summary>
/// <typeparam name="TLoss">ℓ.</typeparam>
/// <param name="Loss">The loss.</param>
public sealed record ElementLossGradient<TLoss>(ElementLoss<TLoss> Loss) : Op where TLoss : struct, ILossKernel
{
    public override string Name => TLoss.Name + "Gradient";

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(Check.Floating(this, x[1]), x[1].Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using PackedOutput output = new(y[0]!);
        if (x[1].DType == DType.Float32) LossLoop<TLoss>.Backward<float>(Loss, x, output.Tensor);
        else LossLoop<TLoss>.Backward<double>(Loss, x, output.Tensor);
        output.Finish();
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => LossKernel<TLoss>.Backward(Loss, gpu, x, y[0]!);
}
