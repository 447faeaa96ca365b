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

    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(key => new(GpuSource.File("sequence.cu"), "sequence", key.Group,
        ("T", GpuTypes.Number(key.Type)), ("CONVERT(a)", $"({Cast.Write(DType.Float64, key.Type)})")));

    // A device without double precision gets the numbers from the CPU, so that they are the same ones.
    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Check.Number(this, y[0]!);
        if (!gpu.Traits.HasDouble)
        {
            using Tensor computed = Tensor.Empty(y[0]!.Shape, DType, CpuAccelerator.Instance);
            RunCpu([], [computed]);
            using Tensor moved = new Transfer(CpuAccelerator.Instance, gpu).Execute(computed);
            new Copy().ExecuteInto(y[0]!, moved);
            return;
        }

        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Value(Length);
        arguments.Value(Start);
        arguments.Value(Step);
        arguments.Value(Last);
        gpu.Launch(_gpu[(DType, group)], LaunchSize.Covering(Length, group), ref arguments);
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
