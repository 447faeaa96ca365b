using Gradwright.Kernels;

namespace Gradwright;

internal static partial class Vjp
{
    private static void AddRecurrent()
    {
        AddRecurrence<TanhStep>();
        AddRecurrence<ReluStep>();
        AddRecurrence<LstmStep>();
        AddRecurrence<GruStep>();
    }

    // x [T, N, G·H] is not saved: the steps keep what they need of it.
    private static void AddRecurrence<TStep>() where TStep : struct, IRecurrentStep
    {
        Jointly<Recurrence<TStep>>(Saves.Input1 | Saves.Input2 | Saves.Input3 | Saves.Input4 | Saves.Input5 | Saves.Output | Saves.Kept, (c, op) =>
        {
            if (c.CreatesGraph)
                throw new TapeException($"{op.Name}: has no second derivative. Build the recurrence from single operators, such as MatMul, Sigmoid and Tanh, to differentiate its gradients.");
            Tensor weight = c[1], hidden = c[2], states = c.Y;
            List<Tensor> operands = [c.Gradient(0), c.Gradient(1)];
            if (TStep.HasCell) operands.Add(c.Gradient(2));
            operands.AddRange([weight, hidden, states]);
            if (TStep.HasCell) operands.Add(c[3]);
            if (TStep.Kept > 0) operands.Add(c.Kept(0));
            if (TStep.HasCell) operands.Add(c.Kept(1));
            if (op.HasLengths) operands.Add(c[op.LengthsAt]);

            RecurrenceGradient<TStep> gradient = new(op.Reverse, op.HasLengths);
            Op.Outputs y = default;
            Tape.Apply(gradient, operands.ToArray(), y);
            Tensor dx = y[0]!, du = TStep.IsSplit ? y[gradient.OutputCount - 1]! : dx;
            if (c.Needs(1)) c.Set(1, RecurrentWeightGradient(du, y[1]!, states, hidden, op.Reverse));
            if (op.HasBias && c.Needs(op.BiasAt)) c.Set(op.BiasAt, du.Sum([0, 1]));
            c.Set(0, dx);
            c.Set(2, y[2]!);
            if (TStep.HasCell) c.Set(3, y[3]!);
        });

        // Runs in backward passes that are not recorded only: the derivative above refuses others.
        NotDifferentiable<RecurrenceGradient<TStep>>();
    }

    /// <summary>dW = Σₜ duₜᵀ · hₜ₋₁: the first position of each sequence by its first state, all others by the states one position off.</summary>
    private static Tensor RecurrentWeightGradient(Tensor du, Tensor first, Tensor states, Tensor hidden, bool reverse)
    {
        Tensor sum = first.Transpose().MatMul(hidden);
        long later = du.Shape[0] - 1;
        if (later <= 0) return sum;
        Tensor after = du.Slice(0, reverse ? 0 : 1, later), before = states.Slice(0, reverse ? 1 : 0, later);
        return Rows(after).Transpose().MatMul(Rows(before)) + sum;
    }
}
