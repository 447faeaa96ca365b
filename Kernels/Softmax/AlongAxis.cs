using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>A function of a line of elements, or of two lines of one length, that makes such a line.</summary>
public unsafe interface ILineFunction
{
    /// <summary>The op's stable name.</summary>
    static abstract string Name { get; }

    /// <summary>1 or 2.</summary>
    static abstract int Operands { get; }

    /// <summary>Computes every line of [outer, length, inner] along the middle dimension.</summary>
    static abstract void Run<T, V, S>(AxisView view, T* a, T* b, T* y) where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>;
}

/// <summary>A function of the lines along one dimension; the result has the operands' shape.</summary>
/// <typeparam name="TFunction">The function.</typeparam>
/// <param name="Axis">The dimension, not negative.</param>
public sealed record AlongAxis<TFunction>(int Axis) : Op where TFunction : struct, ILineFunction
{
    public override string Name => TFunction.Name;
    protected internal override PrecisionRole Precision => PrecisionRole.Single;

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Check.Floating(this, x[0]);
        if (TFunction.Operands == 2)
        {
            Check.SameType(this, x);
            Check.SameShape(this, "operand 0", x[0], "operand 1", x[1]);
        }

        x[0].Shape.Axis(Axis, Name);
        y[0] = new(x[0].DType, x[0].Shape);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        using Packed a = new(x[0]), b = new(x[TFunction.Operands - 1]);
        using PackedOutput output = new(y[0]!);
        AxisView view = new(x[0].Shape, Axis);
        if (x[0].DType == DType.Float32) Start<float>(view, a.Pointer, b.Pointer, output.Tensor.Pointer);
        else Start<double>(view, a.Pointer, b.Pointer, output.Tensor.Pointer);
        output.Finish();
    }

    private static readonly KernelTable<(DType Type, LineGrid Grid, int Values)> _gpu = new(key => GpuSource.Real("softmax.cu", "softmax", key.Grid.Group, key.Type,
        [($"FUNCTION_{TFunction.Name}", "1"), ("VALUES", $"{key.Values}"), .. key.Grid.Defines]));

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].Count == 0) return;
        using Packed a = new(x[0]), b = new(x[TFunction.Operands - 1]);
        GpuLines lines = GpuLines.Along(new(x[0].Shape, Axis));
        LineGrid grid = LineGrid.For(gpu, lines);
        KernelArguments arguments = new();
        arguments.Out(y[0]);
        arguments.In(a.Tensor);
        arguments.In(b.Tensor);
        arguments.Value(lines);
        gpu.Launch(_gpu[(x[0].DType, grid, grid.Fits(lines) ? LineGrid.LaneElements : 0)], new(grid.Groups(lines.Count)), ref arguments);
    }

    private static unsafe void Start<T>(AxisView view, nint a, nint b, nint y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Action<T> action = new() { View = view, A = (T*)a, B = (T*)b, Y = (T*)y };
        SimdDispatch.Run<T, Action<T>>(ref action);
    }

    private unsafe struct Action<T> : ISimdAction<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public AxisView View;
        public T* A, B, Y;

        public readonly void Run<V, S>() where V : struct where S : struct, ISimd<T, V> => TFunction.Run<T, V, S>(View, A, B, Y);
    }
}
