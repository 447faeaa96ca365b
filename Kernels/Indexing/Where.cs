using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>y = mask ? a : b, element by element, broadcast. Operands: mask (Bool), a, b.</summary>
public sealed record Where : Op
{
    public override string Name => nameof(Where);
    protected internal override bool TakesHalf => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Type(this, "mask", x[0], DType.Bool);
        y[0] = new(Check.SameType(this, x[1..]), Broadcasting.OutputLayout(Name, x));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => MaskLoop.Run(new(y[0]!, x[0], x[1], x[2]), x[1].DType);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => MapKernel.Run(gpu, MaskLoop.Gpu, x[1].DType, y[0]!, x);
}

/// <summary>y = value where the mask says so, else x, broadcast; the number takes the tensor's element type. Operands: x, mask (Bool).</summary>
/// <param name="Value">What is filled in.</param>
/// <param name="Filled">Fill where the mask is true, or where it is false.</param>
public sealed record MaskedFill(double Value, bool Filled = true) : Op
{
    public override string Name => nameof(MaskedFill);
    protected internal override bool TakesHalf => true;

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

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => MapKernel.Run(gpu, MaskLoop.Gpu, x[0].DType, y[0]!, [x[1], x[0]], Filled ? 2 : 3, (long)Tensor.WriteElement(Value, x[0].DType), x[0].DType.Size);
}

/// <summary>The loop behind <see cref="Where"/> and <see cref="MaskedFill"/>: operands y, mask, a, b.</summary>
internal static class MaskLoop
{
    public static readonly KernelTable<MapKey> Gpu = new(key =>
    {
        string bits = GpuTypes.Bits(key.Type.Size);
        return new MapFormula(bits, ["u8", bits, bits], "a ? b : c").For(key);
    });

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
        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in StridedLoop loop, byte** p, long n)
        {
            T* y = (T*)p[0], a = (T*)p[2], b = (T*)p[3];
            byte* mask = p[1];
            long sy = loop.InnerStride(0), sm = loop.InnerStride(1), sa = loop.InnerStride(2), sb = loop.InnerStride(3), i = 0;
            if (sy == 1 && sm == 1 && sa is 0 or 1 && sb is 0 or 1)
                for (; i <= n - Vector<byte>.Count; i += Vector<byte>.Count) Choose(y + i, Vector.Load(mask + i), a + i * sa, (int)sa, b + i * sb, (int)sb);

            // The address is computed from the mask, not chosen by a branch that would be mispredicted half of the time.
            for (; i < n; i++)
            {
                byte* no = (byte*)(b + i * sb), yes = (byte*)(a + i * sa);
                y[i * sy] = *(T*)(no + (yes - no) * Unsafe.BitCast<bool, byte>(mask[i * sm] != 0));
            }
        }

        /// <summary>One vector of mask bytes, widened to the size of the elements.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Choose(T* y, Vector<byte> mask, T* a, int sa, T* b, int sb)
        {
            if (sizeof(T) == 1)
            {
                Put((byte*)y, mask, (byte*)a, (byte*)b, 0, sa, sb);
                return;
            }

            Vector.Widen(mask, out Vector<ushort> low, out Vector<ushort> high);
            Choose(y, low, a, b, 0, sa, sb);
            Choose(y, high, a, b, Vector<ushort>.Count, sa, sb);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Choose(T* y, Vector<ushort> mask, T* a, T* b, int i, int sa, int sb)
        {
            if (sizeof(T) == 2)
            {
                Put((ushort*)y, mask, (ushort*)a, (ushort*)b, i, sa, sb);
                return;
            }

            Vector.Widen(mask, out Vector<uint> low, out Vector<uint> high);
            Choose(y, low, a, b, i, sa, sb);
            Choose(y, high, a, b, i + Vector<uint>.Count, sa, sb);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Choose(T* y, Vector<uint> mask, T* a, T* b, int i, int sa, int sb)
        {
            if (sizeof(T) == 4)
            {
                Put((uint*)y, mask, (uint*)a, (uint*)b, i, sa, sb);
                return;
            }

            Vector.Widen(mask, out Vector<ulong> low, out Vector<ulong> high);
            Put((ulong*)y, low, (ulong*)a, (ulong*)b, i, sa, sb);
            Put((ulong*)y, high, (ulong*)a, (ulong*)b, i + Vector<ulong>.Count, sa, sb);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Put<U>(U* y, Vector<U> mask, U* a, U* b, int i, int sa, int sb) where U : unmanaged
        {
            Vector<U> yes = sa == 0 ? new(*a) : Vector.Load(a + i), no = sb == 0 ? new(*b) : Vector.Load(b + i);
            Vector.Store(Vector.ConditionalSelect(Vector.Equals(mask, Vector<U>.Zero), no, yes), y + i);
        }
    }
}
