using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = mask ? a : b, element by element, broadcast. Operands: mask (Bool), a, b.</summary>
public sealed record Where : Op
{
    public override string Name => nameof(Where);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Type(this, "mask", x[0], DType.Bool);
        y[0] = new(Check.SameType(this, x[1..]), Broadcasting.OutputLayout(Name, x));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => MaskLoop.Run(new(y[0]!, x[0], x[1], x[2]), x[1].DType);
}

/// <summary>y = value where the mask says so, else x, broadcast; the number takes the tensor's element type. Operands: x, mask (Bool).</summary>
/// <param name="Value">What is filled in.</param>
/// <param name="Filled">Fill where the mask is true, or where it is false.</param>
public sealed record MaskedFill(double Value, bool Filled = true) : Op
{
    public override string Name => nameof(MaskedFill);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Type(this, "mask", x[1], DType.Bool);
        y[0] = new(x[0].DType, Broadcasting.OutputLayout(Name, x));
    }

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor value = Tensor.Scalar(Value, x[0].DType, x[0].Accelerator);
        MaskLoop.Run(Filled ? new(y[0]!, x[1], value, x[0]) : new(y[0]!, x[1], x[0], value), x[0].DType);
    }
}

/// <summary>The loop behind <see cref="Where"/> and <see cref="MaskedFill"/>: operands y, mask, a, b.</summary>
internal static class MaskLoop
{
    public static void Run(StridedLoop loop, DType dtype)
    {
        Action action = new() { Loop = loop };
        ByType.Bits(dtype, ref action);
    }

    private struct Action : IBitsAction
    {
        public StridedLoop Loop;

        public void Run<T>() where T : unmanaged, IEquatable<T>
        {
            Row<T> row = default;
            Loop.Run(ref row);
        }
    }

    private unsafe struct Row<T> : IRow where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(in StridedLoop loop, byte** p, long n)
        {
            T* y = (T*)p[0], a = (T*)p[2], b = (T*)p[3];
            byte* mask = p[1];
            long sy = loop.InnerStride(0), sm = loop.InnerStride(1), sa = loop.InnerStride(2), sb = loop.InnerStride(3);
            // The address is chosen, not the value: no branch to mispredict.
            for (long i = 0; i < n; i++) y[i * sy] = *(mask[i * sm] != 0 ? a + i * sa : b + i * sb);
        }
    }
}
