namespace Gradwright.Kernels;

/// <summary>The numbers 0 .. Length − 1 in random order (Fisher and Yates): Int64. One block of the stream per number.</summary>
public sealed record RandomPermutation(long Length, ulong Key, ulong Counter) : Op
{
    public override string Name => nameof(RandomPermutation);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(DType.Int64, Shape.Create(Length));

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (Packing.ThroughRowMajor(this, y[0]!)) return;
        long* p = (long*)y[0]!.Pointer;
        for (long i = 0; i < Length; i++) p[i] = i;
        for (long i = Length - 1; i > 0; i--)
        {
            Philox.Block(Key, Counter + (ulong)i, out uint x0, out uint x1, out _, out _);
            long j = (long)Math.BigMul((ulong)x1 << 32 | x0, (ulong)i + 1, out _);
            (p[i], p[j]) = (p[j], p[i]);
        }
    }
}
