using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>Start, Start + Step, …: element i is Start + i · Step, computed in double precision; the last one is exactly Last.</summary>
public sealed record Sequence(double Start, double Step, double Last, long Length, DType DType) : Op
{
    public override string Name => nameof(Sequence);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(DType, Shape.Create(Length));

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Action action = new() { Op = this, Y = y[0]! };
        ByType.Number(this, DType, ref action);
    }

    private unsafe struct Action : INumberAction
    {
        public Sequence Op;
        public Tensor Y;

        public readonly void Run<T>() where T : unmanaged, INumber<T>
        {
            T* y = (T*)Y.Pointer;
            long n = Op.Length, stride = Y.Layout.Strides[0];
            for (long i = 0; i < n; i++) y[i * stride] = T.CreateSaturating(i == n - 1 ? Op.Last : Op.Start + i * Op.Step);
        }
    }
}
