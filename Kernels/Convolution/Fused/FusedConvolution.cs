namespace Gradwright.Kernels;

/// <summary>
/// y = activation(convolution(x, weight) + bias (+ addend)) in one pass: what <c>model.Compile()</c> makes of a convolution and what follows it. Operands: x, weight, bias
/// [K], and perhaps an addend of the result's shape. Only for inference: it has no derivative.
/// </summary>
/// <remarks>
/// On the processor images lie with their channels last, pixel by pixel, which other orders are copied into; so does the result if its layout says so. Groups are those of
/// a depthwise convolution or none, volumes and others are computed step by step.
/// </remarks>
/// <param name="Convolution">The convolution and its attributes.</param>
/// <param name="Activation">What is applied to the sum.</param>
public sealed record FusedConvolution(Convolution Convolution, Activation Activation) : Op
{
    public override string Name => nameof(FusedConvolution);
    protected internal override PrecisionRole Precision => PrecisionRole.Half;

    /// <summary>The weight as the kernels want it, made beforehand from the operand's present numbers; null to make it each time.</summary>
    internal PreparedFilter? Prepared { get; init; }

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => Convolution.Flops(x, y);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (x.Length is not (3 or 4)) throw new ArgumentException($"{Name}: takes x, weight, bias and perhaps an addend, but got {x.Length} operands.");
        Check.SameType(this, x);
        Convolution.Infer(x[..3], y);
        if (x.Length > 3 && x[3].Shape != y[0].Layout.Shape)
            throw new ShapeException($"{Name}: the addend {x[3].Shape} must have the shape of the result, {y[0].Layout.Shape}. Expand it.");
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ConvolutionShape shape = new(this, Convolution, x[0].Shape, x[1].Shape[0]);
        if (!FusedChoice.Fits(shape))
        {
            Compose(x[0].Accelerator, x, y[0]!);
            return;
        }

        bool isPlain = !ChannelsLast.Is(x[0].Layout);
        FusedMethod method = FusedChoice.For(shape, x[0].DType, ConvolutionAlgorithms.Current, isPlain);
        PreparedFilter filter = Prepared is { IsDisposed: false } prepared && prepared.Method == method ? prepared : new(shape, method, x[1]);
        using Packed bias = new(x[2]), image = new(x[0], !isPlain || (method == FusedMethod.PlainColumns && x[0].Layout.IsContiguous));
        using Tensor? turned = isPlain && method != FusedMethod.PlainColumns ? ChannelsLast.Packed(x[0]) : null;
        using Tensor? addend = x.Length > 3 && !ChannelsLast.Is(x[3].Layout) ? ChannelsLast.Packed(x[3]) : null;
        using Tensor? result = ChannelsLast.Is(y[0]!.Layout) ? null : Tensor.Empty(ChannelsLast.Of(y[0]!.Shape), x[0].DType, x[0].Accelerator, Tensor.Ownership.Internal);
        FusedArguments p = new()
        {
            Shape = shape, Method = method, Activation = Activation,
            X = turned?.Pointer ?? image.Pointer, Filter = filter.Pointer, Bias = bias.Pointer, Addend = x.Length > 3 ? (addend ?? x[3]).Pointer : 0, Y = (result ?? y[0]!).Pointer,
        };
        WindowDispatch.Run<FusedPass, FusedArguments>(x[0].DType, ref p);
        if (result is not null) new Copy().ExecuteInto(y[0]!, result);
        if (filter != Prepared) filter.Dispose();
        GC.KeepAlive(filter);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => Compose(gpu, x, y[0]!);

    /// <summary>One op after the other, the later ones in the result's place.</summary>
    private void Compose(Accelerator accelerator, ReadOnlySpan<Tensor> x, Tensor y)
    {
        Convolution.Compute(accelerator, x[..3], [y]);
        if (x.Length > 3) Binary<Add>.Instance.Compute(accelerator, [y, x[3]], [y]);
        ActivationOps.ComputeInPlace(Activation, accelerator, y);
    }
}
