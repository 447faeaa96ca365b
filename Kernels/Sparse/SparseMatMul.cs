using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// Sums over the edges of a graph, or a sparse matrix times a dense one: y[i, h, :] = Σ_e w[e, h] x[from(e), h, :] over the edges e that end in i.
/// Operands: x [N, H, F], weights [E, H] if <see cref="Weighted"/>, then two sorted views of the edges, by where they end and by where they begin (for the derivative):
/// pointers [rows + 1], from [E], edge numbers [E]; and the same the other way round; with weights also to [E] and from [E] by edge number. All Int64. Result: [rows, H, F].
/// </summary>
/// <remarks>Each row gathers its edges in order: the same bits every time. Without weights they count as 1, and edge numbers are not looked at.</remarks>
/// <param name="Rows">Rows of the result.</param>
/// <param name="Weighted">Whether there are weights.</param>
public sealed record SparseMatMul(long Rows, bool Weighted) : Op
{
    private const long ElementsPerTask = 32 << 10;

    public override string Name => nameof(SparseMatMul);

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 2.0 * x[Weighted ? 3 : 2].Count * x[0].Shape[1] * x[0].Shape[2];

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 3, "[nodes, heads, features]");
        ReadOnlySpan<Tensor> edges = x[(Weighted ? 2 : 1)..];
        CheckEdges(this, edges[..3], Rows);
        CheckEdges(this, edges[3..6], x[0].Shape[0]);
        foreach (Tensor ends in edges[6..]) Indices.RequireVector(this, ends);
        if (Weighted)
        {
            Check.Type(this, "weights", x[1], dtype);
            if (x[1].Rank != 2 || x[1].Shape[0] != edges[1].Count || x[1].Shape[1] != x[0].Shape[1])
                throw new ShapeException($"{Name}: weights {x[1].Shape} must be [{edges[1].Count}, {x[0].Shape[1]}]: one per edge and head of x {x[0].Shape}.");
        }

        y[0] = new(dtype, [Rows, x[0].Shape[1], x[0].Shape[2]]);
    }

    /// <summary>One sorted view of edges: pointers, other ends, edge numbers.</summary>
    internal static void CheckEdges(Op op, ReadOnlySpan<Tensor> edges, long rows)
    {
        foreach (Tensor tensor in edges) Indices.RequireVector(op, tensor);
        if (edges[0].Count != rows + 1 || edges[1].Count != edges[2].Count)
            throw new ShapeException($"{op.Name}: pointers {edges[0].Shape} must be one more than the {rows} rows, and edges {edges[1].Shape} and their numbers {edges[2].Shape} equally many.");
    }

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed values = new(x[0]), weights = new(x[1]);
        ReadOnlySpan<Tensor> edges = x[(Weighted ? 2 : 1)..];
        long count = edges[1].Count;
        using Tensor pointers = Indices.Checked(this, edges[0], count + 1, "the list of edges, ends included,"), from = Indices.Checked(this, edges[1], x[0].Shape[0], "dimension 0 of x"),
            numbers = Indices.Checked(this, edges[2], count, "the list of edges");
        using PackedOutput output = new(y[0]!);
        Action action = new()
        {
            X = values.Pointer, W = Weighted ? weights.Pointer : 0, Y = output.Tensor.Pointer, Pointers = (long*)pointers.Pointer, From = (long*)from.Pointer, Numbers = (long*)numbers.Pointer,
            Rows = Rows, Heads = x[0].Shape[1], Features = x[0].Shape[2], Edges = count,
        };
        ByType.Floating(this, x[0].DType, ref action);
        output.Finish();
    }

    private static readonly KernelTable<(DType Type, bool Weighted, int Group)> _gpu = new(static key
        => GpuSource.Real("sparse_matmul.cu", "sparse_matmul", key.Group, key.Type, ("WEIGHTED", key.Weighted ? "1" : "0")));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed values = new(x[0]), weights = new(x[1]);
        ReadOnlySpan<Tensor> edges = x[(Weighted ? 2 : 1)..];
        using Packed pointers = new(edges[0]), from = new(edges[1]), numbers = new(edges[2]);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(values.Tensor);
        arguments.In(Weighted ? weights.Tensor : null);
        arguments.In(pointers.Tensor);
        arguments.In(from.Tensor);
        arguments.In(numbers.Tensor);
        arguments.Value(Rows);
        arguments.Value(x[0].Shape[1]);
        arguments.Value(x[0].Shape[2]);
        gpu.Launch(_gpu[(x[0].DType, Weighted, group)], LaunchSize.Covering(y[0]!.Count, group), ref arguments);
    }

    private unsafe struct Action : IFloatingAction
    {
        public nint X, W, Y;
        public long* Pointers, From, Numbers;
        public long Rows, Heads, Features, Edges;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            long perRow = Math.Max(1, (Edges / Math.Max(1, Rows) + 1) * Heads * Features);
            Job<T> job = new() { Work = this, RowsPerTask = Math.Max(1, ElementsPerTask / perRow) };
            WorkerPool.Shared.Run(checked((int)((Rows + job.RowsPerTask - 1) / job.RowsPerTask)), ref job);
        }
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Action Work;
        public long RowsPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            long heads = Work.Heads, features = Work.Features, width = heads * features;
            T* weights = (T*)Work.W;
            for (long row = task * RowsPerTask, end = Math.Min(Work.Rows, row + RowsPerTask); row < end; row++)
            {
                T* y = (T*)Work.Y + row * width;
                NativeMemory.Clear(y, (nuint)(width * sizeof(T)));
                for (long j = Work.Pointers[row]; j < Work.Pointers[row + 1]; j++)
                {
                    T* x = (T*)Work.X + Work.From[j] * width;
                    if (weights == null) AddRow(y, x, T.One, width);
                    else for (long h = 0; h < heads; h++) AddRow(y + h * features, x + h * features, weights[Work.Numbers[j] * heads + h], features);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddRow(T* y, T* x, T weight, long n)
        {
            long j = 0;
            Vector<T> weights = new(weight);
            for (; j <= n - Vector<T>.Count; j += Vector<T>.Count) Vector.Store(Vector.Load(y + j) + weights * Vector.Load(x + j), y + j);
            for (; j < n; j++) y[j] += weight * x[j];
        }
    }
}
