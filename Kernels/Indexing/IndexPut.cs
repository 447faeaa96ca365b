using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// A copy of x in which whole slices along one dimension are replaced: with axis 0, y[index[p], …] = value[p, …]. Where an index occurs
/// twice, the later value wins. Operands: x, value, index (Int64, [positions]).
/// </summary>
public sealed record IndexPut(int Axis) : Op
{
    public override string Name => nameof(IndexPut);
    protected internal override bool TakesHalf => true;

    /// <summary>Which of the values came through (Bool, [positions]).</summary>
    public override int KeptCount => 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        Check.SameType(this, x[..2]);
        Indices.RequireVector(this, x[2]);
        Shape expected = x[0].Shape.With(axis, x[2].Count);
        if (x[1].Shape != expected)
            throw new ShapeException($"{Name}: {x[2].Count} slices along dimension {axis} of {x[0].Shape} take values of shape {expected}, not {x[1].Shape}. Expand the values.");
        y[0] = new(x[0].DType, x[0].Shape);
        y[1] = new(DType.Bool, x[2].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name);
        using Tensor index = Indices.Checked(this, x[2], x[0].Shape.Span[axis], Indices.Target(axis, x[0].Shape));
        using Tensor? own = y[1] is null ? Tensor.Empty(x[2].Shape, DType.Bool, x[2].Accelerator) : null;
        Tensor last = y[1] ?? own!;
        MarkLast(index, last, x[0].Shape.Span[axis]);
        if (y[0]!.Pointer != x[0].Pointer || y[0]!.Layout != x[0].Layout) new Copy().ExecuteInto(y[0]!, x[0]);
        using Tensor first = Indices.FirstAlong(y[0]!, axis, x[1].Shape);
        using Tensor indices = Indices.Stretch(index, axis, x[1].Shape), wins = Indices.Stretch(last, axis, x[1].Shape);
        Action action = new() { Loop = new(first, x[1], indices, wins), AxisStride = y[0]!.Layout.Strides[axis] };
        ByType.Bits(x[0].DType, ref action);
    }

    /// <summary>last[p] = no later position has the same index.</summary>
    private static unsafe void MarkLast(Tensor index, Tensor last, long length)
    {
        using Tensor seen = Tensor.Zeros([length], DType.Bool, index.Accelerator);
        long* p = (long*)index.Pointer;
        byte* mark = (byte*)last.Pointer, taken = (byte*)seen.Pointer;
        for (long i = index.Count - 1; i >= 0; i--)
        {
            mark[i] = (byte)(1 - taken[p[i]]);
            taken[p[i]] = 1;
        }
    }

    private static readonly KernelTable<int> _mark = new(group => new(GpuSource.File("mark_last.cu"), "mark_last", group));
    private static readonly KernelTable<(int Size, bool IsWide, int Group)> _put = new(key => new(GpuSource.File("index_put.cu"), "index_put", key.Group,
        ("T", GpuTypes.Bits(key.Size)), ("INDEX", key.IsWide ? "i64" : "int")));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        int axis = x[0].Shape.Axis(Axis, Name), group = gpu.Tuning.MapGroup;
        using Packed index = new(x[2]);
        using Tensor? own = y[1] is null ? Tensor.Empty(x[2].Shape, DType.Bool, gpu) : null;
        Tensor last = y[1] ?? own!;
        using (Tensor order = new ArgSort(0, x[2].Count, Descending: false).Execute(index.Tensor))
        {
            KernelArguments mark = new();
            mark.Out(last);
            mark.In(index.Tensor);
            mark.In(order);
            mark.Value(x[2].Count);
            gpu.Launch(_mark[group], LaunchSize.Covering(x[2].Count, group), ref mark);
        }

        new Copy().ExecuteInto(y[0]!, x[0]);
        using Tensor first = Indices.FirstAlong(y[0]!, axis, x[1].Shape);
        using Tensor indices = Indices.Stretch(index.Tensor, axis, x[1].Shape), wins = Indices.Stretch(last, axis, x[1].Shape);
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(x[1]);
        arguments.In(index.Tensor);
        arguments.In(last);
        arguments.Value(MapKernel.Describe(new StridedLoop(first, x[1], indices, wins), x[1].Count, 3));
        arguments.Value(y[0]!.Layout.Strides[axis]);
        Shape shape = x[0].Shape;
        Indices.AddChecks(gpu, ref arguments, this, x[2].Shape, shape.Span[axis], () => Indices.Target(axis, shape));
        gpu.Launch(_put[(x[0].DType.Size, MapKernel.IsWide(gpu, x[0]) || MapKernel.IsWide(gpu, x[1]), group)], LaunchSize.Covering(x[1].Count, group), ref arguments);
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
            T* y = (T*)p[0], value = (T*)p[1];
            long* index = (long*)p[2];
            byte* wins = p[3];
            long sy = loop.InnerStride(0), sv = loop.InnerStride(1), si = loop.InnerStride(2), sw = loop.InnerStride(3), step = AxisStride;
            if (si == 0 && sw == 0 && sy == 1 && sv == 1)
            {
                if (*wins != 0) Buffer.MemoryCopy(value, y + *index * step, n * sizeof(T), n * sizeof(T));
                return;
            }

            for (long i = 0; i < n; i++)
                if (wins[i * sw] != 0) y[i * sy + index[i * si] * step] = value[i * sv];
        }
    }
}
