namespace Gradwright.Kernels;

/// <summary>
/// The backward pass of <see cref="Attention"/>: with weights P = e^(scores − logsum), dropped where the forward pass did, and dS = P ∘ (g vᵀ − Σ g y):
/// dq = scale · dS k, dk = scale · dSᵀ q, dv = Pᵀ g. The weights are computed again, tile by tile.
/// Operands: g, y, the kept sums, then those of the attention: q, k, v, perhaps a mask and a bias. Results: dq, dk, dv, in the memory order of q, k, v.
/// </summary>
/// <param name="Forward">The attention.</param>
public sealed record AttentionGradient(Attention Forward) : Op, IStreamOp
{
    /// <inheritdoc/>
    public Attention Forward { get; private set; } = Forward;

    ulong IStreamOp.Key => Forward.Key;

    ulong IStreamOp.Counter
    {
        get => Forward.Counter;
        set => Forward = Forward with { Counter = value };
    }

    public override string Name => nameof(AttentionGradient);
    protected internal override bool MixesWidths => true;

    public override int OutputCount => 3;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => 2.0 * AttentionProblem.Scores(x[3], x[4]).Count * (3 * x[3].Shape[^1] + 2 * x[5].Shape[^1]) * (Forward.Causal ? 0.5 : 1);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Span<TensorSpec> forward = [default, default];
        Forward.Infer(x[3..], forward);
        Shape result = forward[0].Layout.Shape;
        if (x[0].Shape != result || x[1].Shape != result || x[2].Shape != forward[1].Layout.Shape)
            throw new ShapeException($"{Name}: the gradient {x[0].Shape} and the result {x[1].Shape} must be {result}, and the sums {x[2].Shape} {forward[1].Layout.Shape}.");
        for (int i = 0; i < 3; i++) y[i] = new(x[3].DType, AttentionStrides.Like(x[i + 3].Layout, x[i + 3].Shape));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ReadOnlySpan<Tensor> f = x[3..];
        Shape scores = AttentionProblem.Scores(f[0], f[1]);
        using AttentionOperand g = new(x[0]), result = new(x[1]), q = new(f[0]), k = new(f[1]), v = new(f[2]);
        using AttentionOperand mask = new(Attention.MaskOf(f[3..]), scores), bias = new(Attention.BiasOf(f[3..]), scores), dq = new(y[0]), dk = new(y[1]), dv = new(y[2]);
        using Packed sums = new(x[2]);
        if (Forward.Causal || scores.Count == 0)
        {
            // Here sums start at zero, and stay there for keys that no query sees; else the first tile overwrites what was there.
            foreach (Tensor? gradient in y) gradient!.FillInPlace(0);
        }

        AttentionProblem problem = Forward.Describe(f, q, k, v, mask, bias) with { Y = result.Strides, G = g.Strides, DQ = dq.Strides, DK = dk.Strides, DV = dv.Strides };
        AttentionBackward action = new(Forward, problem)
        {
            Q = q.Pointer, K = k.Pointer, V = v.Pointer, Mask = mask.Pointer, Bias = bias.Pointer, Y = result.Pointer, G = g.Pointer, LogSums = sums.Pointer,
            DQ = dq.Pointer, DK = dk.Pointer, DV = dv.Pointer,
        };
        ByType.Floating(this, x[0].DType, ref action);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        ReadOnlySpan<Tensor> f = x[3..];
        Shape scores = AttentionProblem.Scores(f[0], f[1]);
        using AttentionOperand g = new(x[0]), q = new(f[0]), k = new(f[1]), v = new(f[2]);
        using AttentionOperand mask = new(Attention.MaskOf(f[3..]), scores), bias = new(Attention.BiasOf(f[3..]), scores), dq = new(y[0]), dk = new(y[1]), dv = new(y[2]);
        using Packed sums = new(x[2]);
        using Tensor dots = Dots(x);
        AttentionProblem problem = Forward.Describe(f, q, k, v, mask, bias) with { G = g.Strides, DQ = dq.Strides, DK = dk.Strides, DV = dv.Strides };
        AttentionKernel.Backward(Forward, gpu, problem, g, sums.Tensor, dots, q, k, v, mask, bias, y);
    }

    /// <summary>Σ g y of each query: Σ of its weights times their gradients.</summary>
    private static Tensor Dots(ReadOnlySpan<Tensor> x)
    {
        using Tensor products = Binary<Multiply>.Instance.Execute(x[0], x[1]);
        return new Reduce<Sum>([products.Rank - 1], false).Execute(products);
    }
}
