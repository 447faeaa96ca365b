using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>yᵢ = Π xⱼ over all j ≠ i along the last dimension: the derivative of a product, right also where elements are 0.</summary>
public sealed record ProductOfOthers : Op
{
    public override string Name => nameof(ProductOfOthers);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(Check.Floating(this, x[0]), x[0].Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => DualProducts.Run(x[0], null, y[0]!);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed input = new(x[0]);
        ScanKernel.ProductsOfOthers(gpu, input.Tensor, null, y[0]!);
    }
}

/// <summary>
/// How <see cref="ProductOfOthers"/> changes when x (operand 0) changes in the direction t (operand 1). The Jacobian is symmetric, so this is also
/// its product with a gradient.
/// </summary>
public sealed record ProductOfOthersTangent : Op
{
    public override string Name => nameof(ProductOfOthersTangent);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        Check.SameShape(this, "x", x[0], "t", x[1]);
        y[0] = new(Check.SameType(this, x), x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => DualProducts.Run(x[0], x[1], y[0]!);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed input = new(x[0]), direction = new(x[1]);
        ScanKernel.ProductsOfOthers(gpu, input.Tensor, direction.Tensor, y[0]!);
    }
}

/// <summary>
/// Products from the left times products from the right, of dual numbers x + t ε with ε² = 0: the part without ε is the product
/// of the others, the part with ε its derivative in the direction t.
/// </summary>
internal static unsafe class DualProducts
{
    public static void Run(Tensor x, Tensor? t, Tensor y)
    {
        if (y.Count == 0) return;
        using PackedOutput output = new(y);
        using Packed px = new(x), pt = new(t ?? x);
        long n = x.Shape[^1];
        if (x.DType == DType.Float32) Rows((float*)px.Tensor.Pointer, t is null ? null : (float*)pt.Tensor.Pointer, (float*)output.Tensor.Pointer, y.Count / n, n);
        else Rows((double*)px.Tensor.Pointer, t is null ? null : (double*)pt.Tensor.Pointer, (double*)output.Tensor.Pointer, y.Count / n, n);
        output.Finish();
    }

    [MethodImpl(HotLoop.Options)]
    private static void Rows<T>(T* x, T* t, T* y, long rows, long n) where T : unmanaged, INumber<T>
    {
        // Duals from the right, one per element, wait in a buffer while the row is walked from the left.
        Dual<T>[] buffer = System.Buffers.ArrayPool<Dual<T>>.Shared.Rent(checked((int)n + 1));
        for (long row = 0; row < rows; row++, x += n, y += n)
        {
            buffer[n] = new(T.One, T.Zero);
            for (long i = n - 1; i > 0; i--) buffer[i] = buffer[i + 1] * new Dual<T>(x[i], t is null ? T.Zero : t[i]);
            Dual<T> left = new(T.One, T.Zero);
            for (long i = 0; i < n; i++)
            {
                Dual<T> others = left * buffer[i + 1];
                y[i] = t is null ? others.Value : others.Slope;
                left *= new Dual<T>(x[i], t is null ? T.Zero : t[i]);
            }

            if (t is not null) t += n;
        }

        System.Buffers.ArrayPool<Dual<T>>.Shared.Return(buffer);
    }

    private readonly record struct Dual<T>(T Value, T Slope) where T : INumber<T>
    {
        public static Dual<T> operator *(Dual<T> a, Dual<T> b) => new(a.Value * b.Value, a.Value * b.Slope + a.Slope * b.Value);
    }
}
