namespace Gradwright.Kernels;

/// <summary>
/// Scaled dot-product attention (Vaswani et al. 2017): y = softmax(scale · q kᵀ + bias) v, where masked scores are −∞; a query without any key in sight gives 0.
/// Operands: q [.., L, d], k [.., S, d], v [.., S, w], then perhaps a mask (Bool, true where a query sees a key) and a bias, both broadcast to [.., L, S]. Result: [.., L, w].
/// </summary>
/// <remarks>
/// Scores are computed tile by tile with a running maximum and sum (Milakov and Gimelshein 2018; Dao et al. 2022), so that memory grows with L + S, not with L · S.
/// </remarks>
/// <param name="Scale">What products of queries and keys are multiplied with, usually 1/√d.</param>
/// <param name="Causal">Query i sees keys 0 .. i only.</param>
/// <param name="Dropped">Probability that a weight is zeroed (the others are divided by 1 − p); 0 draws nothing.</param>
/// <param name="Key">The stream of the draws.</param>
/// <param name="Counter">Its first block; weight i of [.., L, S], row-major, is decided by word i mod 4 of block Counter + i/4, as in <see cref="Dropout"/>.</param>
public sealed record Attention(double Scale, bool Causal = false, double Dropped = 0, ulong Key = 0, ulong Counter = 0) : Op, IStreamOp
{
    /// <inheritdoc/>
    public ulong Counter { get; internal set; } = Counter;

    ulong IStreamOp.Counter
    {
        get => Counter;
        set => Counter = value;
    }

    public override string Name => nameof(Attention);
    protected internal override PrecisionRole Precision => PrecisionRole.Half;

    /// <summary>ln Σ e^score of each query, [.., L]: −∞ for one that sees no key.</summary>
    public override int KeptCount => 1;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => 2.0 * AttentionProblem.Scores(x[0], x[1]).Count * (x[0].Shape[^1] + x[2].Shape[^1]) * (Causal ? 0.5 : 1);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        CheckOperands(x);
        Shape q = x[0].Shape;
        y[0] = new(x[0].DType, AttentionStrides.Like(x[0].Layout, q.With(q.Rank - 1, x[2].Shape[^1])));
        y[1] = new(x[0].DType, (Shape)q.Span[..^1].ToArray());
    }

    /// <summary>The mask among the operands that follow the values, or null.</summary>
    internal static Tensor? MaskOf(ReadOnlySpan<Tensor> more) => more.Length > 0 && more[0].DType == DType.Bool ? more[0] : null;

    /// <summary>The bias among the operands that follow the values, or null.</summary>
    internal static Tensor? BiasOf(ReadOnlySpan<Tensor> more) => more.Length > 0 && more[^1].DType != DType.Bool ? more[^1] : null;

    private void CheckOperands(ReadOnlySpan<Tensor> x)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Type(this, "keys", x[1], dtype);
        Check.Type(this, "values", x[2], dtype);
        Shape q = x[0].Shape, k = x[1].Shape, v = x[2].Shape;
        if (q.Rank < 2 || k.Rank != q.Rank || v.Rank != q.Rank || !q.Span[..^2].SequenceEqual(k.Span[..^2]) || !q.Span[..^2].SequenceEqual(v.Span[..^2]))
        {
            throw new ShapeException($"{Name}: queries {q}, keys {k} and values {v} must be [.., L, d], [.., S, d] and [.., S, w] with the same leading dimensions (batch, heads). "
                + "Reshape them, or Expand keys and values that several heads share.");
        }

        if (k.Span[^1] != q.Span[^1])
            throw new ShapeException($"{Name}: queries {q} and keys {k} must have last dimensions of one length, whose products are the scores. Project one of them.");
        if (v.Span[^2] != k.Span[^2])
            throw new ShapeException($"{Name}: keys {k} and values {v} must be equally many: one value per key.");
        if (Dropped is not (>= 0 and < 1))
            throw new ArgumentException($"{Name}: the dropout rate is {Dropped}, but must be at least 0 and below 1.");
        Shape scores = q.With(q.Rank - 1, k.Span[^2]);
        for (int i = 3; i < x.Length; i++)
        {
            bool isMask = x.Length == 5 ? i == 3 : x[i].DType == DType.Bool;
            string what = isMask ? "mask" : "bias";
            Check.Type(this, what, x[i], isMask ? DType.Bool : dtype);
            Broadcasting.RequireStretch($"{Name}, {what}", x[i].Shape, scores);
        }
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using AttentionOperand q = new(x[0]), k = new(x[1]), v = new(x[2]), result = new(y[0]);
        Shape scores = AttentionProblem.Scores(x[0], x[1]);
        using AttentionOperand mask = new(MaskOf(x[3..]), scores), bias = new(BiasOf(x[3..]), scores);
        AttentionForward action = new(this, Describe(x, q, k, v, mask, bias) with { Y = result.Strides })
        {
            Q = q.Pointer, K = k.Pointer, V = v.Pointer, Mask = mask.Pointer, Bias = bias.Pointer, Y = result.Pointer, LogSums = y[1]?.Pointer ?? 0,
        };
        if (x[1].Shape[^2] == 0) y[0]!.FillInPlace(0);
        ByType.Floating(this, x[0].DType, ref action);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using AttentionOperand q = new(x[0]), k = new(x[1]), v = new(x[2]), result = new(y[0]);
        Shape scores = AttentionProblem.Scores(x[0], x[1]);
        using AttentionOperand mask = new(MaskOf(x[3..]), scores), bias = new(BiasOf(x[3..]), scores);
        AttentionKernel.Forward(this, gpu, Describe(x, q, k, v, mask, bias) with { Y = result.Strides }, q, k, v, mask, bias, y[0]!, y[1]);
    }

    internal AttentionProblem Describe(ReadOnlySpan<Tensor> x, in AttentionOperand q, in AttentionOperand k, in AttentionOperand v, in AttentionOperand mask, in AttentionOperand bias)
        => new(this, x[0], x[1], x[2])
        {
            Q = q.Strides, K = k.Strides, V = v.Strides, Mask = mask.Strides, Bias = bias.Strides, Masked = mask.Tensor is null ? 0 : 1, Biased = bias.Tensor is null ? 0 : 1,
        };
}
