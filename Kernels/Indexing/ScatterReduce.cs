using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Puts numbers in the places that an index names, and takes together what meets there. With axis 1, y[i, index[i, j, k], k] takes in source[i, j, k], in the order of j.
/// Places that no index names keep x. Operands: x, source (of x's lengths except along the axis), index (Int64, of the source's shape).
/// </summary>
/// <param name="Axis">The dimension that the index counts along, not negative.</param>
/// <param name="Reduction">How numbers are taken together.</param>
/// <param name="IncludesSelf">Whether x is one of them, or is replaced by the first that arrives.</param>
public sealed record ScatterReduce(int Axis, ScatterReduction Reduction, bool IncludesSelf) : Op
{
    private const long ElementsPerTask = 16 << 10;

    public override string Name => nameof(ScatterReduce);

    /// <summary>How many numbers arrived at each place.</summary>
    public override int KeptCount => 1;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        DType dtype = Check.Floating(this, x[0]);
        Check.SameType(this, x[..2]);
        int axis = x[0].Shape.Axis(Axis, Name);
        Check.Type(this, "index", x[2], DType.Int64);
        Check.SameShape(this, "the source", x[1], "the index", x[2]);
        Gather.RequireAligned(this, x[0].Shape, x[2].Shape, axis);
        y[0] = y[1] = new(dtype, x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Tensor index = Indices.Checked(this, x[2], x[0].Shape.Span[Axis], Indices.Target(Axis, x[0].Shape));
        using Packed source = new(x[1]);
        using PackedOutput output = new(y[0]!);
        using Tensor counts = y[1]?.Alias(ownership: Tensor.Ownership.Internal) ?? Tensor.Empty(y[0]!.Shape, y[0]!.DType, y[0]!.Accelerator);
        new Copy().ExecuteInto(output.Tensor, x[0]);
        counts.FillInPlace(0);
        Action action = new() { Op = this, Y = output.Tensor, Counts = counts, Source = source.Tensor, Index = index };
        if (source.Tensor.Count > 0) ByType.Floating(this, x[0].DType, ref action);
        output.Finish();
    }

    private static readonly KernelTable<(ScatterReduction Reduction, DType Type, bool IsWide, int Group)> _gpu = new(key => GpuSource.Real("scatter_reduce.cu", "scatter_reduce", key.Group, key.Type,
        ("REDUCTION", $"{(int)key.Reduction}"), ("INDEX", key.IsWide ? "i64" : "int")));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        new Copy().ExecuteInto(y[0]!, x[0]);
        y[1]?.FillInPlace(0);
        if (x[1].Count == 0) return;
        using Packed source = new(x[1]), index = new(x[2]);
        using Tensor order = new ArgSort(Axis, x[2].Shape.Span[Axis], Descending: false).Execute(index.Tensor);
        AxisView view = new(x[1].Shape, Axis);
        Shape shape = x[0].Shape;
        int group = gpu.Tuning.MapGroup, axis = Axis;
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.Out(y[1]);
        arguments.In(source.Tensor);
        arguments.In(index.Tensor);
        arguments.In(order);
        arguments.Value(view.Outer);
        arguments.Value(view.Length);
        arguments.Value(view.Inner);
        arguments.Value(IncludesSelf ? 1 : 0);
        arguments.Value(y[1] is null ? 0 : 1);
        Indices.AddChecks(gpu, ref arguments, this, x[2].Shape, shape.Span[axis], () => Indices.Target(axis, shape));
        bool wide = MapKernel.IsWide(gpu, source.Tensor) || MapKernel.IsWide(gpu, y[0]!);
        gpu.Launch(_gpu[(Reduction, x[0].DType, wide, group)], LaunchSize.Covering(x[1].Count, group), ref arguments);
    }

    private interface IMeeting
    {
        static abstract T Meet<T>(T a, T b) where T : INumber<T>;
    }

    private readonly struct Adding : IMeeting
    {
        public static T Meet<T>(T a, T b) where T : INumber<T> => a + b;
    }

    private readonly struct Multiplying : IMeeting
    {
        public static T Meet<T>(T a, T b) where T : INumber<T> => a * b;
    }

    private readonly struct Larger : IMeeting
    {
        public static T Meet<T>(T a, T b) where T : INumber<T> => T.Max(a, b);
    }

    private readonly struct Smaller : IMeeting
    {
        public static T Meet<T>(T a, T b) where T : INumber<T> => T.Min(a, b);
    }

    private struct Action : IFloatingAction
    {
        public ScatterReduce Op;
        public Tensor Y, Counts, Source, Index;

        public readonly void Run<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            switch (Op.Reduction)
            {
                case ScatterReduction.Product: Start<T, Multiplying>(); break;
                case ScatterReduction.Max: Start<T, Larger>(); break;
                case ScatterReduction.Min: Start<T, Smaller>(); break;
                default: Start<T, Adding>(); break;
            }
        }

        private readonly unsafe void Start<T, TMeeting>() where T : unmanaged, IBinaryFloatingPointIeee754<T> where TMeeting : struct, IMeeting
        {
            AxisView view = new(Source.Shape, Op.Axis);
            Job<T, TMeeting> job = new()
            {
                Y = (T*)Y.Pointer, Counts = (T*)Counts.Pointer, Source = (T*)Source.Pointer, Index = (long*)Index.Pointer,
                Inner = view.Inner, Positions = view.Length, Length = Y.Shape.Span[Op.Axis], Columns = view.Outer * view.Inner,
                IncludesSelf = Op.IncludesSelf, IsMean = Op.Reduction == ScatterReduction.Mean,
            };

            // A task owns whole columns along the axis, so no two of them meet in one place.
            job.ColumnsPerTask = Math.Max(16, ElementsPerTask / (job.Positions + job.Length));
            WorkerPool.Shared.Run(checked((int)((job.Columns + job.ColumnsPerTask - 1) / job.ColumnsPerTask)), ref job);
        }
    }

    private unsafe struct Job<T, TMeeting> : IParallelJob where T : unmanaged, IBinaryFloatingPointIeee754<T> where TMeeting : struct, IMeeting
    {
        public T* Y, Counts, Source;
        public long* Index;
        public long Inner, Positions, Length, Columns, ColumnsPerTask;
        public bool IncludesSelf, IsMean;

        [MethodImpl(HotLoop.Options)]
        public readonly void Execute(int task)
        {
            long column = task * ColumnsPerTask, end = Math.Min(Columns, column + ColumnsPerTask);
            while (column < end)
            {
                // The columns of one outer slice lie side by side: walk them row by row.
                long o = column / Inner, first = column % Inner, count = Math.Min(Inner - first, end - column), start = o * Length * Inner + first;
                for (long p = 0; p < Positions; p++)
                {
                    long row = (o * Positions + p) * Inner + first;
                    for (long j = 0; j < count; j++)
                    {
                        long place = start + Index[row + j] * Inner + j;
                        T value = Source[row + j];
                        Y[place] = !IncludesSelf && Counts[place] == T.Zero ? value : TMeeting.Meet(Y[place], value);
                        Counts[place] += T.One;
                    }
                }

                T self = IncludesSelf ? T.One : T.Zero;
                for (long i = 0; IsMean && i < Length; i++)
                {
                    for (long j = 0; j < count; j++)
                    {
                        long place = start + i * Inner + j;
                        if (Counts[place] != T.Zero) Y[place] /= Counts[place] + self;
                    }
                }

                column += count;
            }
        }
    }
}
