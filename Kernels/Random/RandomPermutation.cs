namespace Gradwright.Kernels;

/// <summary>The numbers 0 .. Length − 1 in random order (Fisher and Yates): Int64. One block of the stream per number.</summary>
public sealed record RandomPermutation(long Length, ulong Key, ulong Counter) : Op, IStreamOp
{
    /// <inheritdoc/>
    public ulong Counter { get; internal set; } = Counter;

    ulong IStreamOp.Counter
    {
        get => Counter;
        set => Counter = value;
    }

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

    private static readonly KernelTable<(string Entry, int Group)> _gpu = new(key => new(GpuSource.File("permutation.cu"), key.Entry, key.Group));

    // The same numbers, without the swaps' order: permutation.cu says how.
    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (Length == 0) return;
        using Tensor target = Tensor.Empty([Length], DType.Int64, gpu), next = Tensor.Empty([Length], DType.Int64, gpu), aimed = Tensor.Full([Length], -1, DType.Int64, gpu);
        int group = gpu.Tuning.MapGroup;
        LaunchSize size = LaunchSize.Covering(Length, group);
        using Tensor stream = StepNumbers.Upload(gpu, Key, Counter);
        KernelArguments targets = new();
        targets.Out(target);
        targets.Value(Length);
        targets.In(stream);
        gpu.Launch(_gpu[("permutation_targets", group)], size, ref targets);
        using Tensor order = new ArgSort(0, Length, Descending: false).Execute(target);
        KernelArguments links = new();
        links.Out(next);
        links.Out(aimed);
        links.In(target);
        links.In(order);
        links.Value(Length);
        gpu.Launch(_gpu[("permutation_links", group)], size, ref links);
        KernelArguments follow = new();
        follow.Out(y[0]);
        follow.In(target);
        follow.In(next);
        follow.In(aimed);
        follow.Value(Length);
        gpu.Launch(_gpu[("permutation_follow", group)], size, ref follow);
    }
}
