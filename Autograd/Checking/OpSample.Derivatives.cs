using Gradwright.Kernels;

namespace Gradwright.Checking;

public sealed partial record OpSample
{
    /// <summary>
    /// Runs the op, or a derivative, somewhere in some precision, and on the CPU in Float64 on the same numbers.
    /// </summary>
    /// <param name="accelerator">Where.</param>
    /// <param name="dtype">Any floating-point type.</param>
    /// <param name="order">0 for the outputs; 1 for the gradients of a weighted sum of them; 2 for the gradients, by operands and weights, of a weighted sum of those.</param>
    /// <returns>The worst difference of a result, max|a−b| / max|b|.</returns>
    public ParityReport CheckAgainstDouble(Accelerator accelerator, DType dtype, int order)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        using TensorScope scope = new();
        Tensor[] x = [.. MakeOperands(dtype == DType.Float64 ? DType.Float64 : DType.Float32).Select((t, i) => Rounded(t, dtype, isConstant: Constants.Contains(i)))];
        Tensor[] actual = DerivativesOn(accelerator, [.. x.Select(t => MovedTo(accelerator, t))], order);
        Tensor[] expected = DerivativesOn(CpuAccelerator.Instance, [.. x.Select(t => Cast(t, DType.Float64))], order);
        return ParityReport.Compare([.. actual.Select(t => Cast(t, DType.Float64))], [.. expected.Select(t => Cast(t, DType.Float64))]);
    }

    /// <summary>The outputs, or derivatives of first or second order.</summary>
    internal Tensor[] DerivativesOn(Accelerator accelerator, Tensor[] x, int order)
    {
        if (order == 0) return ResultsOn(accelerator, x)[..Op.OutputCount];
        if (order == 1) return GradientsOn(accelerator, x);
        using Tape tape = new();
        Tensor[] variables = [.. x.Where((_, i) => IsVariable(i))], weights = [];
        foreach (Tensor t in variables) tape.Watch(t);
        Op.Outputs outputs = default;
        Tape.Apply(OpOn(accelerator), x, outputs);
        Tensor weighed = Weigh(((ReadOnlySpan<Tensor?>)outputs)[..Op.OutputCount], w =>
        {
            weights = [.. weights, tape.Watch(w.To(accelerator))];
            return weights[^1];
        });
        Tensor slope = Weigh(tape.Gradients(weighed, variables, createGraph: true), t => t.To(accelerator));
        return tape.Takes(slope) ? [.. tape.Gradients(slope, [.. variables, .. weights]).Select(TensorScope.Keep)] : [];
    }

    private Tensor Rounded(Tensor t, DType dtype, bool isConstant)
        => t.DType.IsFloating && dtype.IsHalf && !(Op.MixesWidths && isConstant) ? new Cast(dtype).Execute(t) : t;

    private static Tensor MovedTo(Accelerator accelerator, Tensor x) => new Transfer(x.Accelerator, accelerator).Execute(x);

    private static Tensor Cast(Tensor t, DType dtype) => t.DType.IsFloating && t.DType != dtype ? new Cast(dtype).Execute(t) : t;
}
