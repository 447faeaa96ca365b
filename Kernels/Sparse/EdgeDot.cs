using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// A product per edge of a graph: z[e, h] = Σ_f a[to(e), h, f] b[from(e), h, f]: the gradient of the weights of <see cref="SparseMatMul"/>.
/// Operands: a [rows, H, F], b [N, H, F], to [E], from [E], then the two sorted views of the edges as in <see cref="SparseMatMul"/>, for the derivative. Result: [E, H].
/// </summary>
public sealed record EdgeDot : Op
{
    private const long ElementsPerTask = 32 << 10;

    public override string Name => nameof(EdgeDot);

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 2.0 * x[2].Count * x[0].Shape[1] * x[0].Shape[2];

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.Type(this, "b", x[1], dtype);
        Check.Rank(this, "a", x[0], 3, "[nodes, heads, features]");
        if (x[1].Rank != 3 || !x[0].Shape.Span[1..].SequenceEqual(x[1].Shape.Span[1..]))
            throw new ShapeException($"{Name}: a {x[0].Shape} and b {x[1].Shape} must be [nodes, heads, features] with the same heads and features.");
        Indices.RequireVector(this, x[2]);
        Indices.RequireVector(this, x[3]);
        SparseMatMul.CheckEdges(this, x[4..7], x[0].Shape[0]);
        SparseMatMul.CheckEdges(this, x[7..], x[1].Shape[0]);
        y[0] = new(dtype, [x[2].Count, x[0].Shape[1]]);
    }

    protected override unsafe void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed a = new(x[0]), b = new(x[1]);
        using Tensor to = Indices.Checked(this, x[2], x[0].Shape[0], "dimension 0 of a"), from = Indices.Checked(this, x[3], x[1].Shape[0], "dimension 0 of b");
        using PackedOutput output = new(y[0]!);
        Action action = new()
        {
            A = a.Pointer, B = b.Pointer, Z = output.Tensor.Pointer, To = (long*)to.Pointer, From = (long*)from.Pointer, Edges = to.Count, Heads = x[0].Shape[1], Features = x[0].Shape[2],
        };
        ByType.Floating(this, x[0].DType, ref action);
        output.Finish();
    }

    private static readonly KernelTable<(DType Type, int Group)> _gpu = new(static key => GpuSource.Real("edge_dot.cu", "edge_dot", key.Group, key.Type));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed a = new(x[0]), b = new(x[1]), to = new(x[2]), from = new(x[3]);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(a.Tensor);
        arguments.In(b.Tensor);
        arguments.In(to.Tensor);
        arguments.In(from.Tensor);
        arguments.Value(y[0]!.Count);
        arguments.Value(x[0].Shape[1]);
        arguments.Value(x[0].Shape[2]);
        gpu.Launch(_gpu[(x[0].DType, group)], LaunchSize.Covering(y[0]!.Count, group), ref arguments);
    }

    private unsafe struct Action : IFloatingAction
    {
        public nint A, B, Z;
        public long* To, From;
        public long Edges, Heads, Features;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            Job<T> job = new() { Work = this, EdgesPerTask = Math.Max(1, ElementsPerTask / Math.Max(1, Heads * Features)) };
            WorkerPool.Shared.Run(checked((int)((Edges + job.EdgesPerTask - 1) / job.EdgesPerTask)), ref job);
        }
    }

    private unsafe struct Job<T> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Action Work;
        public long EdgesPerTask;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            long heads = Work.Heads, features = Work.Features;
            for (long e = task * EdgesPerTask, end = Math.Min(Work.Edges, e + EdgesPerTask); e < end; e++)
            {
                for (long h = 0; h < heads; h++)
                {
                    T* a = (T*)Work.A + (Work.To[e] * heads + h) * features, b = (T*)Work.B + (Work.From[e] * heads + h) * features;
                    ((T*)Work.Z)[e * heads + h] = TensorPrimitives.Dot(new ReadOnlySpan<T>(a, (int)features), new ReadOnlySpan<T>(b, (int)features));
                }
            }
        }
    }
}
