using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>Keeps one side of a diagonal of each matrix (the last two dimensions) and sets the rest to zero.</summary>
/// <param name="Upper">Keep columns j ≥ i + Diagonal of row i, or j ≤ i + Diagonal.</param>
/// <param name="Diagonal">0 is the main diagonal, 1 the one above it, −1 the one below.</param>
public sealed record Triangle(bool Upper, long Diagonal) : Op
{
    private const long BytesPerTask = 128 << 10;

    public override string Name => nameof(Triangle);
    protected internal override bool TakesHalf => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        if (x[0].Rank < 2) throw new ShapeException($"{Name}: {x[0].Shape} holds no matrices; two or more dimensions are expected, [..., rows, columns].");
        y[0] = new(x[0].DType, x[0].Shape);
    }

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor packed = Packing.RowMajor(x[0]);
        if (packed.Count == 0 || Packing.ThroughRowMajor(this, y[0]!, packed)) return;
        long columns = packed.Shape[^1];
        Job job = new()
        {
            X = (byte*)packed.Pointer, Y = (byte*)y[0]!.Pointer, Size = packed.DType.Size, Columns = columns, Rows = packed.Shape[^2],
            AllRows = packed.Count / columns, RowsPerTask = Math.Max(1, BytesPerTask / (columns * packed.DType.Size)), Upper = Upper, Diagonal = Diagonal,
        };
        WorkerPool.Shared.Run(checked((int)((job.AllRows + job.RowsPerTask - 1) / job.RowsPerTask)), ref job);
    }

    private static readonly KernelTable<(int Size, bool IsWide, int Group)> _gpu = new(key => new(GpuSource.File("triangle.cu"), "triangle", key.Group,
        ("T", GpuTypes.Bits(key.Size)), ("INDEX", key.IsWide ? "i64" : "int")));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed packed = new(x[0]);
        long rows = x[0].Shape[^2], columns = x[0].Shape[^1];
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(packed.Tensor);
        arguments.Value(x[0].Count);
        arguments.Value(rows);
        arguments.Value(columns);
        arguments.Value(Math.Clamp(Diagonal, -rows, columns));
        arguments.Value(Upper ? 1 : 0);
        gpu.Launch(_gpu[(x[0].DType.Size, MapKernel.IsWide(gpu, y[0]!), group)], LaunchSize.Covering(x[0].Count, group), ref arguments);
    }

    private unsafe struct Job : IParallelJob
    {
        public byte* X, Y;
        public long Size, Columns, Rows, AllRows, RowsPerTask, Diagonal;
        public bool Upper;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            long row = task * RowsPerTask, end = Math.Min(AllRows, row + RowsPerTask);
            for (; row < end; row++)
            {
                long i = row % Rows;
                long first = Upper ? Math.Clamp(i + Diagonal, 0, Columns) : 0, last = Upper ? Columns : Math.Clamp(i + Diagonal + 1, 0, Columns);
                byte* x = X + row * Columns * Size, y = Y + row * Columns * Size;
                Clear(y, 0, first);
                Buffer.MemoryCopy(x + first * Size, y + first * Size, (last - first) * Size, (last - first) * Size);
                Clear(y, last, Columns);
            }
        }

        private readonly void Clear(byte* y, long from, long to) => NativeMemory.Clear(y + from * Size, (nuint)((to - from) * Size));
    }
}
