using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// The backward pass of <see cref="Recurrence{TStep}"/> through the whole sequence. Operands: the gradients of the states at every position and of the last state
/// (and cell state); the recurrent weight; the first state; the states at every position; the first cell state; what was kept of each step, and the cell states,
/// where the cell has them; the lengths. Results: the gradients of the input's products [T, N, G·H]; of those of the first state [N, G·H], at each sequence's
/// own first position; of the first state [N, H] (and cell state); and, where they differ from the input's, of all products of the state [T, N, G·H].
/// </summary>
/// <remarks>The weight's gradient is a product of these and the states, for all positions at once: not done here.</remarks>
/// <typeparam name="TStep">What a step does.</typeparam>
/// <param name="Reverse">The recurrence went from the last position to the first.</param>
/// <param name="HasLengths">Whether lengths are among the operands.</param>
public sealed record RecurrenceGradient<TStep>(bool Reverse, bool HasLengths) : Op where TStep : struct, IRecurrentStep
{
    public override string Name => $"{TStep.Name}Gradient";
    protected internal override bool MixesWidths => true;
    public override int OutputCount => 3 + (TStep.HasCell ? 1 : 0) + (TStep.IsSplit ? 1 : 0);

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 2.0 * y[0]!.Count * x[^1].Shape[^1];

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        Operands o = new(x, HasLengths);
        DType dtype = Check.Floating(this, o.Weight);
        (long steps, long rows, long hidden) = (o.Y.Shape[0], o.Y.Shape[1], o.Y.Shape[2]);
        y[0] = new(dtype, [steps, rows, TStep.Gates * hidden]);
        y[1] = new(dtype, [rows, TStep.Gates * hidden]);
        y[2] = new(dtype, [rows, hidden]);
        if (TStep.HasCell) y[3] = y[2];
        if (TStep.IsSplit) y[OutputCount - 1] = y[0];
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y);
        else Run<double>(x, y);
    }

    private protected override void RunDry(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);     // Run stops short of the loop

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => RecurrenceKernel<TStep>.Backward(gpu, ShapeOf(x), new(x, HasLengths), y);

    /// <summary>The running gradients lie where those of the first states are wanted; sequences of length 0 have no first position.</summary>
    internal static void StartGradients(in Operands x, ReadOnlySpan<Tensor?> y)
    {
        y[1]!.FillInPlace(0);
        new Copy().ExecuteInto(y[2]!, x.GLast);
        if (TStep.HasCell) new Copy().ExecuteInto(y[3]!, x.GCell!);
    }

    private RecurrentShape ShapeOf(ReadOnlySpan<Tensor> x)
        => new(checked((int)x[0].Shape[0]), checked((int)x[0].Shape[1]), checked((int)x[0].Shape[2]), TStep.Gates, Reverse);

    private unsafe void Run<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Operands o = new(x, HasLengths);
        using Packed g = new(o.G), h0 = new(o.H0), states = new(o.Y), c0 = new(o.C0 ?? o.H0), kept = new(o.Kept ?? o.H0), cells = new(o.Cells ?? o.H0), lengths = new(o.Lengths ?? o.H0);
        RecurrentShape shape = ShapeOf(x);
        StartGradients(o, y);
        if (y[0]!.Accelerator is DryAccelerator) return;
        BackwardLoop<TStep, T> loop = new()
        {
            Shape = shape, G = (T*)g.Pointer, Y = (T*)states.Pointer, H0 = (T*)h0.Pointer, C0 = (T*)c0.Pointer, Kept = (T*)kept.Pointer, Cells = (T*)cells.Pointer,
            W = (T*)o.Weight.Pointer, RowW = (nint)o.Weight.Layout.Strides[0], ColW = (nint)o.Weight.Layout.Strides[1],
            Lengths = HasLengths ? (long*)lengths.Pointer : null,
            DX = (T*)y[0]!.Pointer, DFirst = (T*)y[1]!.Pointer, DH = (T*)y[2]!.Pointer, DC = TStep.HasCell ? (T*)y[3]!.Pointer : null, DU = (T*)y[TStep.IsSplit ? OutputCount - 1 : 0]!.Pointer,
        };
        SimdDispatch.Run<T, BackwardLoop<TStep, T>>(ref loop);
    }

    /// <summary>The operands by name.</summary>
    internal readonly ref struct Operands
    {
        public readonly Tensor G, GLast, Weight, H0, Y;
        public readonly Tensor? GCell, C0, Kept, Cells, Lengths;

        public Operands(ReadOnlySpan<Tensor> x, bool hasLengths)
        {
            int i = 0;
            G = x[i++];
            GLast = x[i++];
            if (TStep.HasCell) GCell = x[i++];
            Weight = x[i++];
            H0 = x[i++];
            Y = x[i++];
            if (TStep.HasCell) C0 = x[i++];
            if (TStep.Kept > 0) Kept = x[i++];
            if (TStep.HasCell) Cells = x[i++];
            if (hasLengths) Lengths = x[i];
        }
    }
}
