using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// An op that draws numbers. Element i (row-major) is made of word i mod 4 of Philox block Counter + i/4 alone: the same on
/// every accelerator, for every vector width and number of threads.
/// </summary>
/// <param name="Shape">The shape of the result.</param>
/// <param name="DType">The element type of the result.</param>
/// <param name="Key">The stream.</param>
/// <param name="Counter">The first block; <see cref="Blocks"/> of them are used.</param>
public abstract record RandomOp(Shape Shape, DType DType, ulong Key, ulong Counter) : Op, IStreamOp
{
    /// <inheritdoc/>
    public ulong Counter { get; internal set; } = Counter;

    ulong IStreamOp.Counter
    {
        get => Counter;
        set => Counter = value;
    }

    /// <summary>Blocks that a draw of this many elements uses: what to reserve of a <see cref="Generator"/>.</summary>
    public static long Blocks(long count) => (count + 3) / 4;

    /// <summary>Blocks that a draw of 64 bits per element uses.</summary>
    public static long WideBlocks(long count) => (count + 1) / 2;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y) => y[0] = new(DType, Shape);

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (Packing.ThroughRowMajor(this, y[0]!)) return;
        Draw(y[0]!);
    }

    /// <summary>Fills a row-major tensor.</summary>
    protected abstract void Draw(Tensor y);
}

/// <summary>Turns words into elements, in chunks that stay in the first cache.</summary>
/// <typeparam name="T">The element.</typeparam>
internal unsafe interface IDraw<T> where T : unmanaged
{
    /// <param name="words">As many words as elements, and room for <see cref="RandomFill.Chunk"/>.</param>
    /// <param name="y">Elements first, first + 1, …</param>
    /// <param name="first">Which element of the tensor the first one is; a multiple of <see cref="RandomFill.Chunk"/>.</param>
    /// <param name="n">How many.</param>
    void Draw(uint* words, T* y, long first, int n);
}

/// <summary>The loop behind every random op.</summary>
internal static unsafe class RandomFill
{
    /// <summary>Elements drawn at a time.</summary>
    public const int Chunk = 1024;

    private const int ChunksPerTask = 16;

    public static void Run<T, TDraw>(ulong key, ulong counter, T* y, long count, TDraw draw) where T : unmanaged where TDraw : struct, IDraw<T>
    {
        Job<T, TDraw> job = new() { Key = key, Counter = counter, Y = y, Count = count, Draw = draw };
        const long PerTask = Chunk * ChunksPerTask;
        WorkerPool.Shared.Run(checked((int)((count + PerTask - 1) / PerTask)), ref job);
    }

    private struct Job<T, TDraw> : IParallelJob where T : unmanaged where TDraw : struct, IDraw<T>
    {
        public ulong Key, Counter;
        public T* Y;
        public long Count;
        public TDraw Draw;

        [MethodImpl(HotLoop.Options)]
        public void Execute(int task)
        {
            uint* words = stackalloc uint[Chunk];
            long first = (long)task * Chunk * ChunksPerTask, end = Math.Min(Count, first + Chunk * ChunksPerTask);
            for (; first < end; first += Chunk)
            {
                int n = (int)Math.Min(Chunk, end - first);
                PhiloxBlocks.Fill(Key, Counter + (ulong)(first / 4), words, (n + 3) / 4);
                Draw.Draw(words, Y + first, first, n);
            }
        }
    }
}
