using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Where a tensor is not zero (or true), in row-major order: positions as rows of indices, [n, rank], or counted through, [n]. Int64.
/// NaN is not zero. The length of the result depends on the values: this op waits for the accelerator.
/// </summary>
/// <param name="Flat">Counted through, instead of one index per dimension.</param>
public sealed partial record Nonzero(bool Flat = false) : Op
{
    public override string Name => nameof(Nonzero);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Number(this, x[0]);
        OpListener.Refuse(Name, "The shape of its result depends on the operand's numbers. Write what it selects with Where(mask, a, b), which keeps the shape.");
        DryAccelerator.Refuse(Name, x[0], "The shape of its result depends on them. Write what it selects with Where(mask, a, b), which keeps the shape.");
        using Tensor packed = Packing.RowMajor(x[0]);
        long count = packed.Accelerator is GpuAccelerator gpu ? CountOnGpu(gpu, packed) : CountOnCpu(packed);
        y[0] = new(DType.Int64, Flat ? [count] : [count, packed.Rank]);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor packed = Packing.RowMajor(x[0]);
        if (Packing.ThroughRowMajor(this, y[0]!, packed)) return;
        ListAction list = new() { X = packed, Y = y[0]!, Flat = Flat };
        ByType.Number(this, packed.DType, ref list);
    }

    private long CountOnCpu(Tensor packed)
    {
        CountAction count = new() { X = packed };
        ByType.Number(this, packed.DType, ref count);
        return count.Count;
    }

    private unsafe struct CountAction : INumberAction
    {
        public Tensor X;
        public long Count;

        [MethodImpl(HotLoop.Options)]
        public void Run<T>() where T : unmanaged, INumber<T>
        {
            T* x = (T*)X.Pointer;
            long n = X.Count, count = 0;
            for (long i = 0; i < n; i++) count += Unsafe.BitCast<bool, byte>(x[i] != T.Zero);
            Count = count;
        }
    }

    private unsafe struct ListAction : INumberAction
    {
        public Tensor X, Y;
        public bool Flat;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run<T>() where T : unmanaged, INumber<T>
        {
            T* x = (T*)X.Pointer;
            long* y = (long*)Y.Pointer;
            ReadOnlySpan<long> lengths = X.Shape.Span;
            long count = Y.Shape.Span[0];
            if (Flat)
            {
                // Written always, kept if not zero: no branch to mispredict.
                for (long i = 0, found = 0; found < count; i++)
                {
                    y[found] = i;
                    found += Unsafe.BitCast<bool, byte>(x[i] != T.Zero);
                }

                return;
            }

            for (long i = 0, found = 0; found < count; i++)
            {
                if (x[i] == T.Zero) continue;
                long rest = i;
                for (int d = lengths.Length - 1; d >= 0; d--) (rest, y[d]) = Math.DivRem(rest, lengths[d]);
                y += lengths.Length;
                found++;
            }
        }
    }
}
