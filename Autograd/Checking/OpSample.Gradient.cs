using Gradwright.Kernels;

namespace Gradwright.Checking;

public sealed partial record OpSample
{
    /// <summary>True if the op carries gradients and the sample has an operand to differentiate by.</summary>
    public bool IsDifferentiable => !Vjp.NonDifferentiable.Contains(Op.GetType()) && Enumerable.Range(0, Operands.Length).Any(IsVariable);

    /// <summary>Compares the op's derivatives with finite differences, in Float64.</summary>
    public GradCheckReport CheckGradient(GradCheckOptions? options = null)
    {
        using TensorScope scope = new();
        return GradCheck.Run(AsFunction(out Tensor[] inputs), inputs, options);
    }

    /// <summary>Compares the derivatives of the op's derivatives with finite differences, in Float64.</summary>
    public GradCheckReport CheckSecondDerivative(GradCheckOptions? options = null)
    {
        using TensorScope scope = new();
        return GradCheck.RunSecondOrder(AsFunction(out Tensor[] inputs), inputs, options);
    }

    /// <summary>Whether operand i is something to differentiate by.</summary>
    internal bool IsVariable(int i) => (Operands[i].Type ?? DType.Float64).IsFloating && !Constants.Contains(i);

    /// <summary>Σ w · y over all floating-point outputs, with fixed weights laid out as wanted.</summary>
    internal static Tensor Weigh(ReadOnlySpan<Tensor?> outputs, Func<Tensor, Tensor> layout)
    {
        Tensor? sum = null;
        foreach (Tensor? output in outputs)
        {
            if (output is null || !output.DType.IsFloating) continue;
            Tensor y = output.DType.IsHalf ? output.Cast(DType.Float32) : output;
            Tensor w = layout(new Operand(y.Shape, -1, 1.5).Make(y.DType, new Generator(7)));
            Tensor term = (y * w).SumTo([]);
            sum = sum is null ? term : sum + term;
        }

        return sum!;
    }

    /// <summary>The op as a function of the operands to differentiate by; several outputs become one weighted sum.</summary>
    private Func<Tensor[], Tensor> AsFunction(out Tensor[] inputs)
    {
        Tensor[] x = MakeOperands(DType.Float64);
        int[] variables = [.. Enumerable.Range(0, x.Length).Where(IsVariable)];
        inputs = [.. variables.Select(i => x[i])];
        return moved =>
        {
            Tensor[] operands = [.. x];
            for (int i = 0; i < variables.Length; i++) operands[variables[i]] = moved[i];
            Op.Outputs outputs = default;
            Tape.Apply(OpOn(operands[0].Accelerator), operands, outputs);
            ReadOnlySpan<Tensor?> y = ((ReadOnlySpan<Tensor?>)outputs)[..Op.OutputCount];
            return y.Length == 1 ? y[0]! : Weigh(y, static w => w);
        };
    }
}
