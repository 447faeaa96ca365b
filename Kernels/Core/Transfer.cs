namespace Gradwright.Kernels;

/// <summary>The same elements in fresh, row-major memory of another accelerator.</summary>
/// <param name="From">Where the operand lives.</param>
/// <param name="Target">Where the result will.</param>
public sealed record Transfer(Accelerator From, Accelerator Target) : Op
{
    public override string Name => nameof(Transfer);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (x[0].Accelerator != From) throw new AcceleratorException($"{Name}: {x[0].Describe()} lives on {x[0].Accelerator.Name}, not on {From.Name}.");
        y[0] = new(x[0].DType, x[0].Shape);
    }

    public override unsafe void Execute(ReadOnlySpan<Tensor> x, Span<Tensor?> y, bool keep)
    {
        TensorSpec spec = default;
        Infer(x, new(ref spec));
        using Packed packed = new(x[0]);
        Tensor result = Tensor.Empty(spec.Layout, spec.DType, Target);
        long bytes = result.Count * spec.DType.Size;
        long start = packed.Tensor.Layout.Offset * spec.DType.Size;
        if (From is CpuAccelerator) Target.CopyFromHost((byte*)packed.Tensor.Buffer.Pointer + start, result.Buffer, 0, bytes);
        else if (Target is CpuAccelerator) From.CopyToHost(packed.Tensor.Buffer, start, (void*)result.Buffer.Pointer, bytes);
        else
        {
            // Two devices meet on the host.
            using MemoryHandleScope host = new(bytes);
            From.CopyToHost(packed.Tensor.Buffer, start, host.Pointer, bytes);
            Target.CopyFromHost(host.Pointer, result.Buffer, 0, bytes);
        }

        y[0] = result;
        GC.KeepAlive(x[0]);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => new Copy().ExecuteInto(y[0]!, x[0]);

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);

    /// <summary>Memory of the host for the length of a brace.</summary>
    private readonly unsafe ref struct MemoryHandleScope(long bytes) : IDisposable
    {
        public void* Pointer { get; } = System.Runtime.InteropServices.NativeMemory.Alloc((nuint)bytes);

        public void Dispose() => System.Runtime.InteropServices.NativeMemory.Free(Pointer);
    }
}
