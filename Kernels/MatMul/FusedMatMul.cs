using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// y = activation(a · b + bias (+ addend)) in one pass: what <c>model.Compile()</c> makes of a linear layer and what follows it. Operands: a [.., M, K], b [K, N], bias
/// [N], and perhaps an addend of the result's shape. Only for inference: it has no derivative.
/// </summary>
/// <param name="Activation">What is applied to the sum.</param>
public sealed record FusedMatMul(Activation Activation) : Op
{
    public override string Name => nameof(FusedMatMul);
    protected internal override PrecisionRole Precision => PrecisionRole.Half;

    /// <summary>b in panels, made beforehand from its present numbers; null to read it as it lies.</summary>
    internal PackedMatrix? Prepared { get; init; }

    /// <summary>Whether so many rows of a are worth packing b: fewer are multiplied as vectors or dot products.</summary>
    internal static bool IsPacked(long rows) => rows > GemmBlocking.DotsLimit;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 2.0 * y[0]!.Count * x[1].Shape[0];

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (x.Length is not (3 or 4)) throw new ArgumentException($"{Name}: takes a, b, bias and perhaps an addend, but got {x.Length} operands.");
        Check.SameType(this, x);
        Check.Rank(this, "b", x[1], 2, "[K, N]");
        MatMul.Instance.Infer(x[..3], y);
        if (x.Length > 3 && x[3].Shape != y[0].Layout.Shape)
            throw new ShapeException($"{Name}: the addend {x[3].Shape} must have the shape of the result, {y[0].Layout.Shape}. Expand it.");
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y[0]!);
        else Run<double>(x, y[0]!);
    }

    private unsafe void Run<T>(ReadOnlySpan<Tensor> x, Tensor y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (y.Count == 0) return;
        Layout b = x[1].Layout;
        int k = checked((int)b.Shape[0]), n = checked((int)b.Shape[1]);
        using Packed a = new(x[0]), bias = new(x[2]), addend = new(x.Length > 3 ? x[3] : x[2]);
        GemmArguments<T> product = new()
        {
            M = checked((int)(y.Count / n)), N = n, K = k,
            A = (T*)a.Pointer, RowA = k, ColA = 1, B = (T*)x[1].Pointer, RowB = (nint)b.Strides[0], ColB = (nint)b.Strides[1], C = (T*)y.Pointer, RowC = n, ColC = 1,
            Bias = (T*)bias.Pointer, Addend = x.Length > 3 ? (T*)addend.Pointer : null, Activation = Activation,
        };
        if (Prepared is { IsDisposed: false } packed)
        {
            (product.ColB, product.PanelB) = (1, packed.Panel);
            product.B = (T*)packed.Pointer;
        }

        Gemm.Run(product);
        GC.KeepAlive(Prepared);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        MatMul.Instance.Compute(gpu, x[..3], y);
        if (x.Length > 3) Binary<Add>.Instance.Compute(gpu, [y[0]!, x[3]], y);
        ActivationOps.ComputeInPlace(Activation, gpu, y[0]!);
    }
}
