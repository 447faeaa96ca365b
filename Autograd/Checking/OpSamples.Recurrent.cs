using Gradwright.Kernels;

namespace Gradwright.Checking;

public static partial class OpSamples
{
    private static void AddRecurrent()
    {
        AddRecurrence<TanhStep>();
        AddRecurrence<ReluStep>();
        AddRecurrence<LstmStep>();
        AddRecurrence<GruStep>();
    }

    private static void AddRecurrence<TStep>() where TStep : struct, IRecurrentStep
    {
        // Positions, batch, hidden; odd sizes, a whole vector and a rest, a single step, a single row.
        AddRecurrence<TStep>(4, 3, 5, hasBias: true, hasLengths: false, reverse: false);
        AddRecurrence<TStep>(3, 2, 19, hasBias: false, hasLengths: false, reverse: true);
        AddRecurrence<TStep>(1, 2, 3, hasBias: true, hasLengths: false, reverse: false);
        AddRecurrence<TStep>(5, 4, 3, hasBias: true, hasLengths: true, reverse: false);
        AddRecurrence<TStep>(5, 4, 3, hasBias: false, hasLengths: true, reverse: true);
        AddRecurrence<TStep>(6, 1, 4, hasBias: true, hasLengths: false, reverse: true);
    }

    private static void AddRecurrence<TStep>(long steps, long rows, long hidden, bool hasBias, bool hasLengths, bool reverse) where TStep : struct, IRecurrentStep
    {
        Operand products = new([steps, rows, TStep.Gates * hidden], -1.2, 1.4), weight = new([TStep.Gates * hidden, hidden], -0.7, 0.8), state = new([rows, hidden]);
        Operand bias = new([TStep.Gates * hidden], -0.5, 0.6), lengths = new([rows]) { Type = DType.Int64, Values = [.. Enumerable.Range(0, (int)rows).Select(row => (double)Math.Max(0, steps - 2 * row))] };
        Operand outputs = new([steps, rows, hidden], 0.01, 0.9), kept = new([steps, rows, TStep.Kept * hidden], 0.01, 0.9);
        string label = (reverse, hasLengths) switch
        {
            (true, true) => "backwards, lengths",
            (true, false) => "backwards",
            (false, true) => "lengths",
            _ => "",
        };
        List<Operand> forward = [products, weight, state], backward = [outputs, state];
        if (TStep.HasCell) forward.Add(state);
        if (hasBias) forward.Add(bias);
        if (hasLengths) forward.Add(lengths);
        if (TStep.HasCell) backward.Add(state);
        backward.AddRange([weight, state, outputs]);
        if (TStep.HasCell) backward.Add(state);
        if (TStep.Kept > 0) backward.Add(kept);
        if (TStep.HasCell) backward.Add(outputs);
        if (hasLengths) backward.Add(lengths);
        Sample(new OpSample(new Recurrence<TStep>(reverse, hasBias, hasLengths), [.. forward], label) { TwiceDifferentiable = false });
        Sample(new OpSample(new RecurrenceGradient<TStep>(reverse, hasLengths), [.. backward], label));
    }
}
