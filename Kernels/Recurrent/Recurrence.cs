using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// A recurrent layer over a whole sequence, in one direction. Operands: the input's products x [T, N, G·H] (one matrix product for all positions, done before);
/// the recurrent weight W [G·H, H]; the state h [N, H]; the cell state c [N, H] where the cell has one; the bias of the products of h [G·H] and the lengths [N]
/// (Int64) where there are any. Results: the state at every position [T, N, H], the last state [N, H], the last cell state [N, H].
/// </summary>
/// <remarks>Positions at and after a sequence's length leave its state as it is and give 0, whatever x holds there.</remarks>
/// <typeparam name="TStep">What a step does.</typeparam>
/// <param name="Reverse">From the last position to the first.</param>
/// <param name="HasBias">Whether a bias is among the operands.</param>
/// <param name="HasLengths">Whether lengths are among the operands.</param>
public sealed record Recurrence<TStep>(bool Reverse, bool HasBias, bool HasLengths) : Op where TStep : struct, IRecurrentStep
{
    public override string Name => TStep.Name;
    protected internal override PrecisionRole Precision => PrecisionRole.Half;
    public override int OutputCount => TStep.HasCell ? 3 : 2;

    /// <summary>What the derivative needs of each step [T, N, K·H], and the cell states [T, N, H].</summary>
    public override int KeptCount => (TStep.Kept > 0 ? 1 : 0) + (TStep.HasCell ? 1 : 0);

    /// <summary>The bias among the operands, or -1.</summary>
    internal int BiasAt => HasBias ? States + 2 : -1;

    /// <summary>The lengths among the operands, or -1.</summary>
    internal int LengthsAt => HasLengths ? States + (HasBias ? 3 : 2) : -1;

    private static int States => TStep.HasCell ? 2 : 1;

    public override double Flops(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => 2.0 * x[0].Count * x[1].Shape[1];

    protected internal override void Infer(ReadOnlySpan<Tensor> x, Span<TensorSpec> y)
    {
        int floating = 2 + States + (HasBias ? 1 : 0);
        if (x.Length != floating + (HasLengths ? 1 : 0))
            throw new ArgumentException($"{Name}: takes {floating + (HasLengths ? 1 : 0)} operands: products of the input, weight, {(TStep.HasCell ? "state, cell state" : "state")}{(HasBias ? ", bias" : "")}{(HasLengths ? ", lengths" : "")}. There are {x.Length}.");
        DType dtype = Check.SameType(this, x[..floating]);
        Check.Floating(this, x[0]);
        Check.Rank(this, "x", x[0], 3, $"[positions, batch, {TStep.Gates} · hidden]");
        Check.Rank(this, "the recurrent weight", x[1], 2, $"[{TStep.Gates} · hidden, hidden]");
        (long steps, long rows, long hidden) = (x[0].Shape[0], x[0].Shape[1], x[1].Shape[1]);
        if (x[1].Shape[0] != TStep.Gates * hidden)
            throw new ShapeException($"{Name}: the recurrent weight {x[1].Shape} must be [{TStep.Gates} · hidden, hidden]; for {hidden} hidden numbers [{TStep.Gates * hidden}, {hidden}].");
        if (x[0].Shape[2] != TStep.Gates * hidden)
            throw new ShapeException($"{Name}: x {x[0].Shape} must have {TStep.Gates} · {hidden} = {TStep.Gates * hidden} numbers per position, as the recurrent weight {x[1].Shape} has rows. Multiply the input by its weight first.");
        Shape state = [rows, hidden];
        for (int i = 2; i < 2 + States; i++)
        {
            if (x[i].Shape != state)
                throw new ShapeException($"{Name}: the {(i == 2 ? "state" : "cell state")} {x[i].Shape} must be [batch, hidden] = {state} for x {x[0].Shape} and the recurrent weight {x[1].Shape}.");
        }

        if (HasBias && x[BiasAt].Shape != Shape.Create([TStep.Gates * hidden]))
            throw new ShapeException($"{Name}: the bias {x[BiasAt].Shape} must be [{TStep.Gates * hidden}], one number per row of the recurrent weight {x[1].Shape}.");
        if (HasLengths)
        {
            Check.Type(this, "lengths", x[LengthsAt], DType.Int64);
            if (x[LengthsAt].Shape != Shape.Create([rows]))
                throw new ShapeException($"{Name}: lengths {x[LengthsAt].Shape} must be [{rows}], one per sequence of x {x[0].Shape}.");
        }

        y[0] = new(dtype, [steps, rows, hidden]);
        for (int i = 1; i <= States; i++) y[i] = new(dtype, state);
        if (TStep.Kept > 0) y[OutputCount] = new(dtype, [steps, rows, TStep.Kept * hidden]);
        if (TStep.HasCell) y[OutputCount + 1] = new(dtype, [steps, rows, hidden]);
    }

    protected override void RunCpu(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        if (x[0].DType == DType.Float32) Run<float>(x, y);
        else Run<double>(x, y);
    }

    private protected override void RunDry(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => RunCpu(x, y);     // Run stops short of the loop

    private protected override void RunGpu(GpuAccelerator gpu, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
        => RecurrenceKernel<TStep>.Forward(this, gpu, ShapeOf(x), x, y);

    /// <summary>The running states lie where the last ones are wanted.</summary>
    internal static void StartStates(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y)
    {
        for (int i = 1; i <= States; i++) new Copy().ExecuteInto(y[i]!, x[i + 1]);
    }

    private RecurrentShape ShapeOf(ReadOnlySpan<Tensor> x)
        => new(checked((int)x[0].Shape[0]), checked((int)x[0].Shape[1]), checked((int)x[1].Shape[1]), TStep.Gates, Reverse);

    private unsafe void Run<T>(ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RecurrentShape shape = ShapeOf(x);
        using Packed input = new(x[0]), bias = new(x[HasBias ? BiasAt : 2]), lengths = new(x[HasLengths ? LengthsAt : 2]);
        bool isDry = y[0]!.Accelerator is DryAccelerator;
        shape.CheckLengths(Name, HasLengths && !isDry ? (long*)lengths.Pointer : null);
        StartStates(x, y);

        // Many products by the same Wᵀ: it is laid out once so that each can read its rows.
        using Tensor turned = new Permute([1, 0]).Execute(x[1]);
        using Packed weight = new(turned, shape.Steps <= 1 || turned.Layout.IsContiguous);
        using Tensor products = Tensor.Empty([shape.Rows, shape.Gates * shape.Hidden], y[0]!.DType, y[0]!.Accelerator);
        if (isDry) return;
        ForwardLoop<TStep, T> loop = new()
        {
            Shape = shape, X = (T*)input.Pointer, W = (T*)weight.Pointer, RowW = (nint)weight.Tensor.Layout.Strides[0], ColW = (nint)weight.Tensor.Layout.Strides[1],
            Bias = HasBias ? (T*)bias.Pointer : null, Lengths = HasLengths ? (long*)lengths.Pointer : null, U = (T*)products.Pointer,
            Y = (T*)y[0]!.Pointer, H = (T*)y[1]!.Pointer, C = TStep.HasCell ? (T*)y[2]!.Pointer : null,
        };
        if (TStep.Kept > 0 && y[OutputCount] is { } kept) loop.Kept = (T*)kept.Pointer;
        if (TStep.HasCell && y[OutputCount + 1] is { } cells) loop.Cells = (T*)cells.Pointer;
        SimdDispatch.Run<T, ForwardLoop<TStep, T>>(ref loop);
    }
}
