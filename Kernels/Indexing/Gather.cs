using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Picks along one dimension, for every place its own element: with axis 1, y[i, j, k] = x[i, index[i, j, k], k].
/// Operands: x, index (Int64, of x's lengths except along the axis).
/// </summary>
public sealed record Gather(int Axis) : Op
{
    public override string Name => nameof(Gather);
    protected internal override bool TakesHalf => true;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        Check.Type(this, "index", x[1], DType.Int64);
        RequireAligned(this, x[0].Shape, x[1].Shape, axis);
        y[0] = new(x[0].DType, x[1].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        using Tensor index = Indices.Checked(this, x[1], x[0].Shape.Span[axis], Indices.Target(axis, x[0].Shape));
        Run(y[0]!, x[0], axis, index);
    }

    internal static void RequireAligned(Op op, Shape x, Shape index, int axis)
    {
        bool aligned = x.Rank == index.Rank;
        for (int d = 0; aligned && d < x.Rank; d++) aligned = d == axis || x.Span[d] == index.Span[d];
        if (!aligned)
            throw new ShapeException($"{op.Name}: the index {index} must have the lengths of {x}, except along dimension {axis}. "
                + "Expand the index, slice the other operand, or use IndexSelect to pick whole slices.");
    }

    /// <summary>y[…, p, …] = x[…, index[…, p, …], …] for an index of y's shape and any strides.</summary>
    internal static void Run(Tensor y, Tensor x, int axis, Tensor index)
    {
        using Tensor first = Indices.FirstAlong(x, axis, y.Shape);
        Action action = new() { Loop = new(y, first, index), AxisStride = x.Layout.Strides[axis] };
        ByType.Bits(x.DType, ref action);
    }

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        using Packed index = new(x[1]);
        RunGpu(this, gpu, y[0]!, x[0], axis, index.Tensor, x[1].Shape);
    }

    private static readonly KernelTable<(int Size, bool IsWide, int Group)> _gpu = new(key => new(GpuSource.File("gather.cu"), "gather", key.Group,
        ("T", GpuTypes.Bits(key.Size)), ("INDEX", key.IsWide ? "i64" : "int")));

    /// <summary>The same on a GPU, where the kernel checks the index.</summary>
    /// <param name="op">Who asks.</param>
    /// <param name="gpu">Where.</param>
    /// <param name="y">The result.</param>
    /// <param name="x">What is picked from.</param>
    /// <param name="axis">The dimension that the index counts along.</param>
    /// <param name="index">Of y's shape; its memory has no gaps, but may be stretched.</param>
    /// <param name="given">The index's shape as the caller gave it.</param>
    internal static void RunGpu(Op op, GpuAccelerator gpu, Tensor y, Tensor x, int axis, Tensor index, Shape given)
    {
        using Tensor first = Indices.FirstAlong(x, axis, y.Shape);
        int group = gpu.Tuning.MapGroup;
        KernelArguments arguments = new();
        arguments.Out(y);
        arguments.In(x);
        arguments.In(index);
        arguments.Value(MapKernel.Describe(new StridedLoop(y, first, index), y.Count, 2));
        arguments.Value(x.Layout.Strides[axis]);
        Shape shape = x.Shape;
        Indices.AddChecks(gpu, ref arguments, op, given, shape.Span[axis], () => Indices.Target(axis, shape));
        gpu.Launch(_gpu[(x.DType.Size, MapKernel.IsWide(gpu, y) || MapKernel.IsWide(gpu, x), group)], LaunchSize.Covering(y.Count, group), ref arguments);
    }

    private struct Action : IBitsAction
    {
        public StridedLoop Loop;
        public long AxisStride;

        public void Run<T>() where T : unmanaged, IEquatable<T>
        {
            Row<T> row = new() { AxisStride = AxisStride };
            Loop.Run(ref row);
        }
    }

    private unsafe struct Row<T> : IRow where T : unmanaged
    {
        public long AxisStride;

        [MethodImpl(HotLoop.Options)]
        public readonly void Run(in StridedLoop loop, byte** p, long n)
        {
            T* y = (T*)p[0], x = (T*)p[1];
            long* index = (long*)p[2];
            long sy = loop.InnerStride(0), sx = loop.InnerStride(1), si = loop.InnerStride(2), step = AxisStride;
            if (si == 0)
            {
                x += *index * step;
                if (sy == 1 && sx == 1) Buffer.MemoryCopy(x, y, n * sizeof(T), n * sizeof(T));
                else for (long i = 0; i < n; i++) y[i * sy] = x[i * sx];
            }
            else
            {
                for (long i = 0; i < n; i++) y[i * sy] = x[i * sx + index[i * si] * step];
            }
        }
    }
}
