using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>
/// The transpose of <see cref="IndexSelect"/>: adds every slice to the one that its index names, starting from zeros: with axis 0,
/// y[index[p], …] += g[p, …], in the order of p. Operands: g, index (Int64, [positions]). The gradient of an embedding's table.
/// </summary>
/// <param name="Axis">The dimension that the index counts along.</param>
/// <param name="Length">Its length in the result.</param>
public sealed record IndexSum(int Axis, long Length) : Op
{
    private const long ElementsPerTask = 32 << 10, MostCuts = 8;

    public override string Name => nameof(IndexSum);

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        Indices.RequireVector(this, x[1]);
        if (x[0].Shape.Span[axis] != x[1].Count)
            throw new ShapeException($"{Name}: dimension {axis} of the source {x[0].Shape} must be as long as the index {x[1].Shape}: one index per slice.");
        y[0] = new(x[0].DType, x[0].Shape.With(axis, Length));
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        using Tensor index = Indices.Checked(this, x[1], Length, Indices.Target(axis, y[0]!.Shape)), g = Packing.RowMajor(x[0]);
        if (Packing.ThroughRowMajor(this, y[0]!, g, index)) return;

        Action action = new() { Y = y[0]!, G = g, Index = index, Axis = axis };
        ByType.Number(this, g.DType, ref action);
    }

    private static readonly KernelTable<(DType Type, bool Columns, bool IsWide, int Group)> _gpu = new(key => new(GpuSource.File("index_sum.cu"), "index_sum", key.Group,
        ("T", GpuTypes.Number(key.Type)), ("COLUMNS", key.Columns ? "1" : "0"), ("INDEX", key.IsWide ? "i64" : "int")));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => RunGpu(this, gpu, y[0]!, x[0], x[1], x[0].Shape.Axis(Axis, Name), columns: false);

    /// <summary>Adds up on a GPU: a stable order of the index puts what belongs to one place side by side.</summary>
    /// <param name="op">Who asks.</param>
    /// <param name="gpu">Where.</param>
    /// <param name="y">The sums, row-major.</param>
    /// <param name="g">What is added up.</param>
    /// <param name="index">The index.</param>
    /// <param name="axis">The dimension of g and y that it counts along.</param>
    /// <param name="columns">It has g's shape, instead of one entry per position.</param>
    internal static void RunGpu(Op op, GpuAccelerator gpu, Tensor y, Tensor g, Tensor index, int axis, bool columns)
    {
        Check.Number(op, g);
        y.FillInPlace(0);
        if (g.Count == 0) return;
        using Packed packed = new(g), indices = new(index);
        int along = columns ? axis : 0, group = gpu.Tuning.MapGroup;
        using Tensor order = new ArgSort(along, index.Shape.Span[along], Descending: false).Execute(indices.Tensor);
        AxisView view = new(g.Shape, axis);
        Shape shape = y.Shape, given = index.Shape;
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(packed.Tensor);
        arguments.In(indices.Tensor);
        arguments.In(order);
        arguments.Value(view.Outer);
        arguments.Value(view.Length);
        arguments.Value(view.Inner);
        Indices.AddChecks(gpu, ref arguments, op, given, shape.Span[axis], () => Indices.Target(axis, shape));
        gpu.Launch(_gpu[(g.DType, columns, MapKernel.IsWide(gpu, g) || MapKernel.IsWide(gpu, y), group)], LaunchSize.Covering(g.Count, group), ref arguments);
    }

    private unsafe struct Action : INumberAction
    {
        public Tensor Y, G, Index;
        public int Axis;

        public readonly void Run<T>() where T : unmanaged, INumber<T>
        {
            ReadOnlySpan<long> lengths = Y.Shape.Span;
            if (Y.Count == 0) return;
            Job<T> job = new()
            {
                Y = (T*)Y.Pointer, G = (T*)G.Pointer, Index = (long*)Index.Pointer, Positions = Index.Count,
                Outer = Packing.Count(lengths[..Axis]), Length = lengths[Axis], Inner = Packing.Count(lengths[(Axis + 1)..]),
            };
            // A task owns some of the rows of y and looks for their indices: every row is summed in the order of the index.
            long slice = (job.Length + job.Positions) * job.Inner;
            job.SlicesPerTask = Math.Max(1, ElementsPerTask / slice);
            job.Cuts = job.Outer >= MostCuts ? 1 : Math.Clamp(slice / ElementsPerTask, 1, Math.Min(MostCuts, job.Length));
            WorkerPool.Shared.Run(checked((int)((job.Outer + job.SlicesPerTask - 1) / job.SlicesPerTask * job.Cuts)), ref job);
        }
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, INumber<T>
    {
        public T* Y, G;
        public long* Index;
        public long Outer, Positions, Length, Inner, SlicesPerTask, Cuts;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            long o = task / Cuts * SlicesPerTask, end = Math.Min(Outer, o + SlicesPerTask), cut = task % Cuts;
            long first = Length * cut / Cuts, last = Length * (cut + 1) / Cuts;
            for (; o < end; o++)
            {
                T* y = Y + o * Length * Inner, g = G + o * Positions * Inner;
                NativeMemory.Clear(y + first * Inner, (nuint)((last - first) * Inner * sizeof(T)));
                for (long p = 0; p < Positions; p++)
                {
                    long row = Index[p];
                    if (row >= first && row < last) AddRow(y + row * Inner, g + p * Inner, Inner);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddRow(T* y, T* g, long n)
        {
            long j = 0;
            for (; j <= n - Vector<T>.Count; j += Vector<T>.Count) Vector.Store(Vector.Load(y + j) + Vector.Load(g + j), y + j);
            for (; j < n; j++) y[j] += g[j];
        }
    }
}
