using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>The same elements in fresh, row-major memory.</summary>
public sealed record Copy : Op
{
    public override string Name => nameof(Copy);
    protected internal override bool TakesHalf => true;
    protected internal override bool WritesAnywhere => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(x[0].DType, x[0].Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        Action action = new() { Loop = new(y[0]!, x[0]) };
        ByType.Bits(x[0].DType, ref action);
    }

    private static readonly KernelTable<MapKey> _gpu = new(key => new MapFormula(GpuTypes.Bits(key.Type.Size), [GpuTypes.Bits(key.Type.Size)], "a").For(key));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => MapKernel.Run(gpu, _gpu, x[0].DType, y[0]!, x);

    private struct Action : IBitsAction
    {
        public StridedLoop Loop;

        public void Run<T>() where T : unmanaged, IEquatable<T>
        {
            Row<T> row = new() { Streams = Loop.Streams };
            Loop.Run(ref row);
        }
    }

    private unsafe struct Row<T> : IRow where T : unmanaged
    {
        public bool Streams;

        [MethodImpl(HotLoop.Options)]
        public void Run(in StridedLoop loop, byte** p, long n)
        {
            T* y = (T*)p[0], x = (T*)p[1];
            long sy = loop.InnerStride(0), sx = loop.InnerStride(1);
            if (sy == 1 && sx == 1 && Streams) StreamingStores.Copy((byte*)x, (byte*)y, n * sizeof(T));
            else if (sy == 1 && sx == 1) Buffer.MemoryCopy(x, y, n * sizeof(T), n * sizeof(T));
            else for (long i = 0; i < n; i++) y[i * sy] = x[i * sx];
        }
    }
}
