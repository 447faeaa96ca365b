using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// y = a · b (+ bias): a [.., M, K], b [.., K, N], bias [N] → y [.., M, N]. Leading dimensions broadcast; any strides.
/// </summary>
public sealed record MatMul : MatMulOp
{
    /// <summary>The one instance: the op has no attributes.</summary>
    public static MatMul Instance { get; } = new();

    public override string Name => nameof(MatMul);
    private protected override Activation Finish => Activation.None;
}

/// <summary>y = activation(a · b + bias): the activation is applied to each tile of the product while it is in the cache.</summary>
/// <param name="Activation">None or ReLU: the derivative follows from the result.</param>
public sealed record ActivatedMatMul(Activation Activation) : MatMulOp
{
    /// <summary>The activation.</summary>
    public Activation Activation { get; } = Activation is Activation.None or Activation.Relu ? Activation
        : throw new ArgumentOutOfRangeException(nameof(Activation), Activation, "ActivatedMatMul: takes None and ReLU. Apply others to the product.");

    public override string Name => nameof(ActivatedMatMul);
    private protected override Activation Finish => Activation;
}

/// <summary>What products with and without activation share: the shape rule and the computation.</summary>
public abstract record MatMulOp : Op
{
    private protected abstract Activation Finish { get; }

    protected internal override PrecisionRole Precision => PrecisionRole.Half;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 2.0 * y[0]!.Count * x[0].Shape[^1];

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.SameType(this, x);
        Check.Floating(this, x[0]);
        Shape a = x[0].Shape, b = x[1].Shape;
        if (a.Rank < 2 || b.Rank < 2)
            throw new ShapeException($"MatMul: a {a} × b {b} needs at least two dimensions each. Turn a vector into a row or a column with Unsqueeze.");
        if (a.Span[^1] != b.Span[^2])
        {
            string hint = a.Span[^1] == b.Span[^1] ? " Transpose b?" : a.Span[^2] == b.Span[^2] ? " Transpose a?" : "";
            throw new ShapeException($"MatMul: a {a} × b {b} needs a's last dimension to equal b's second-last, but {a.Span[^1]} ≠ {b.Span[^2]}.{hint}");
        }

        long n = b.Span[^1];
        if (x.Length > 2 && (x[2].Rank != 1 || x[2].Shape.Span[0] != n))
            throw new ShapeException($"MatMul: the bias {x[2].Shape} must have shape [{n}], one number per column of b {b}.");
        ReadOnlySpan<long> batch = a.Span[..^2];
        if (!batch.SequenceEqual(b.Span[..^2]) && b.Rank > 2) batch = BroadcastBatch(a, b).Span;
        y[0] = new(dtype, Shape.Create([.. batch, a.Span[^2], n]));
    }

    private static Shape BroadcastBatch(Shape a, Shape b)
    {
        try
        {
            return Shape.Broadcast(Shape.Create(a.Span[..^2]), Shape.Create(b.Span[..^2]), nameof(MatMul));
        }
        catch (ShapeException)
        {
            throw new ShapeException($"MatMul: a {a} × b {b}: the dimensions in front of the matrices, {Shape.Create(a.Span[..^2])} and {Shape.Create(b.Span[..^2])}, do not broadcast. "
                + "Counted from the end they must be equal or 1.");
        }
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y[0]!, Finish);
        else Run<double>(x, y[0]!, Finish);
    }

    private static unsafe void Run<T>(ReadOnlySpan<Tensor> x, Tensor y, Activation activation) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Layout a = x[0].Layout, b = x[1].Layout, c = y.Layout;
        using Tensor? packedBias = x.Length > 2 && !x[2].Layout.IsContiguous ? new Copy().Execute(x[2]) : null;
        GemmArguments<T> product = new()
        {
            M = checked((int)a.Shape.Span[^2]), N = checked((int)b.Shape.Span[^1]), K = checked((int)a.Shape.Span[^1]),
            A = (T*)x[0].Pointer, RowA = (nint)a.Strides[^2], ColA = (nint)a.Strides[^1],
            B = (T*)x[1].Pointer, RowB = (nint)b.Strides[^2], ColB = (nint)b.Strides[^1],
            C = (T*)y.Pointer, RowC = (nint)c.Strides[^2], ColC = (nint)c.Strides[^1],
            Bias = x.Length > 2 ? (T*)(packedBias ?? x[2]).Pointer : null,
            Activation = activation,
        };
        if (y.Count == 0) return;
        if (c.Rank == 2)
        {
            Gemm.Run(product);
            return;
        }

        if (b.Rank == 2 && a.IsContiguous && c.IsContiguous)
        {
            // One tall product: the batch's rows follow each other.
            product.M = checked((int)(c.Count / product.N));
            Gemm.Run(product);
            return;
        }

        Shape batch = Shape.Create(c.Shape.Span[..^2]);
        Span<long> stepA = stackalloc long[batch.Rank], stepB = stackalloc long[batch.Rank];
        Steps(a, batch, stepA);
        Steps(b, batch, stepB);
        RunBatch(product, batch.Span, stepA, stepB, c.Strides[..^2]);
    }

    /// <summary>The outer batch dimensions one by one, the innermost as one batched product.</summary>
    private static unsafe void RunBatch<T>(GemmArguments<T> product, ReadOnlySpan<long> lengths, ReadOnlySpan<long> stepA, ReadOnlySpan<long> stepB, ReadOnlySpan<long> stepC)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (lengths.Length == 1)
        {
            product.Batch = checked((int)lengths[0]);
            (product.StepA, product.StepB, product.StepC) = ((nint)stepA[0], (nint)stepB[0], (nint)stepC[0]);
            Gemm.Run(product);
            return;
        }

        // Two outer dimensions that lie evenly in all three operands are one.
        if (AreEven(0, 1, lengths, stepA, stepB, stepC))
        {
            RunBatch(product, [lengths[0] * lengths[1], .. lengths[2..]], stepA[1..], stepB[1..], stepC[1..]);
            return;
        }

        for (long i = 0; i < lengths[0]; i++)
        {
            RunBatch(product, lengths[1..], stepA[1..], stepB[1..], stepC[1..]);
            product.A += stepA[0];
            product.B += stepB[0];
            product.C += stepC[0];
        }
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Layout a = x[0].Layout, b = x[1].Layout, c = y[0]!.Layout;
        if (c.Shape.Count == 0) return;
        GpuGemmArguments product = new()
        {
            DType = x[0].DType,
            M = a.Shape.Span[^2], N = b.Shape.Span[^1], K = a.Shape.Span[^1],
            A = x[0].Buffer, OffsetA = a.Offset, RowA = a.Strides[^2], ColA = a.Strides[^1],
            B = x[1].Buffer, OffsetB = b.Offset, RowB = b.Strides[^2], ColB = b.Strides[^1],
            C = y[0]!.Buffer, OffsetC = c.Offset, RowC = c.Strides[^2], ColC = c.Strides[^1],
            Bias = x.Length > 2 ? x[2].Buffer : null, OffsetBias = x.Length > 2 ? x[2].Layout.Offset : 0, StepBias = x.Length > 2 ? x[2].Layout.Strides[0] : 0,
            Activation = Finish,
        };
        Shape batch = Shape.Create(c.Shape.Span[..^2]);
        int rank = batch.Rank, first = rank;
        Span<long> lengths = stackalloc long[rank], stepA = stackalloc long[rank], stepB = stackalloc long[rank], stepC = stackalloc long[rank];
        batch.Span.CopyTo(lengths);
        Steps(a, batch, stepA);
        Steps(b, batch, stepB);
        c.Strides[..^2].CopyTo(stepC);

        // Dimensions that lie evenly in all three operands are one: what remains moves to the end.
        for (int d = rank - 1; d >= 0; d--)
        {
            if (lengths[d] == 1) continue;
            if (first < rank && AreEven(d, first, lengths, stepA, stepB, stepC))
            {
                lengths[first] *= lengths[d];
                continue;
            }

            first--;
            (lengths[first], stepA[first], stepB[first], stepC[first]) = (lengths[d], stepA[d], stepB[d], stepC[d]);
        }

        RunBatch(gpu, product, lengths[first..], stepA[first..], stepB[first..], stepC[first..]);
    }

    /// <summary>The two innermost batch dimensions at once, those outside them one by one.</summary>
    private static void RunBatch(GpuAccelerator gpu, GpuGemmArguments product, ReadOnlySpan<long> lengths, ReadOnlySpan<long> stepA, ReadOnlySpan<long> stepB, ReadOnlySpan<long> stepC)
    {
        if (lengths.Length <= 2)
        {
            if (lengths.Length > 0) (product.Batch, product.StepA, product.StepB, product.StepC) = (lengths[^1], stepA[^1], stepB[^1], stepC[^1]);
            if (lengths.Length > 1) (product.Outer, product.OuterA, product.OuterB, product.OuterC) = (lengths[0], stepA[0], stepB[0], stepC[0]);
            GpuGemm.Run(gpu, product);
            return;
        }

        for (long i = 0; i < lengths[0]; i++)
        {
            RunBatch(gpu, product, lengths[1..], stepA[1..], stepB[1..], stepC[1..]);
            product.OffsetA += stepA[0];
            product.OffsetB += stepB[0];
            product.OffsetC += stepC[0];
        }
    }

    /// <summary>Whether dimension <paramref name="outer"/> continues dimension <paramref name="inner"/> in all three operands.</summary>
    private static bool AreEven(int outer, int inner, ReadOnlySpan<long> lengths, ReadOnlySpan<long> stepA, ReadOnlySpan<long> stepB, ReadOnlySpan<long> stepC)
        => stepA[outer] == stepA[inner] * lengths[inner] && stepB[outer] == stepB[inner] * lengths[inner] && stepC[outer] == stepC[inner] * lengths[inner];

    private static void Steps(Layout operand, Shape batch, Span<long> steps)
    {
        for (int i = 1; i <= batch.Rank; i++)
        {
            int own = operand.Rank - 2 - i;
            steps[^i] = own < 0 || operand.Shape.Span[own] == 1 ? 0 : operand.Strides[own];
        }
    }
}
