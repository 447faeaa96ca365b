using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Int64 numbers from Low to High − 1, evenly: Low + ⌊w · (High − Low) / 2⁶⁴⌋ for 64 random bits w, whose bias is below (High − Low) / 2⁶⁴.
/// Element i uses words 2i mod 4 and the next of block Counter + i/2.
/// </summary>
public sealed record RandomIntegers(Shape Shape, long Low, long High, ulong Key, ulong Counter) : RandomOp(Shape, DType.Int64, Key, Counter)
{
    public override string Name => nameof(RandomIntegers);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (High <= Low) throw new ArgumentException($"{Name}: there is no integer from {Low} up to, but not including, {High}.");
        base.Infer(x, y);
    }

    // Two 32-bit words at a time: what the loop draws are the halves, an element is their pair.
    protected override unsafe void Draw(Tensor y)
        => RandomFill.Run(Key, Counter, (uint*)y.Pointer, 2 * y.Count, new Pairs { Low = Low, Range = (ulong)(High - Low) });

    private static readonly KernelTable<int> _gpu = new(group => new(GpuSource.File("integers.cu"), "random_integers", group));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor stream = StepNumbers.Upload(gpu, Key, Counter);
        KernelArguments arguments = new();
        RandomKernels.Begin(ref arguments, y[0]!, stream);
        arguments.Value(Low);
        arguments.Value((ulong)(High - Low));
        gpu.Launch(_gpu[gpu.Tuning.MapGroup], RandomKernels.Size(gpu, WideBlocks(y[0]!.Count)), ref arguments);
    }

    private unsafe struct Pairs : IDraw<uint>
    {
        public long Low;
        public ulong Range;

        [MethodImpl(HotLoop.Options)]
        public readonly void Draw(uint* words, uint* y, long first, int n)
        {
            ulong* w = (ulong*)words;
            long* result = (long*)y;
            for (int i = 0; i < n / 2; i++) result[i] = Low + (long)Math.BigMul(w[i], Range, out _);
        }
    }
}
