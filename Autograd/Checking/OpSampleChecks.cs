using Gradwright.Kernels;

namespace Gradwright.Checking;

/// <summary>Gradient checks of an op on a sample, in Float64.</summary>
public static class OpSampleChecks
{
    extension(OpSample sample)
    {
        /// <summary>Whether the op has a derivative and the sample an operand to differentiate by.</summary>
        public bool IsDifferentiable
            => !Vjp.NonDifferentiable.Contains(sample.Op.GetType()) && Enumerable.Range(0, sample.Operands.Length).Any(sample.IsVariable);

        /// <summary>Compares the op's derivative with finite differences.</summary>
        public GradCheckReport CheckGradient()
        {
            using TensorScope scope = new();
            return GradCheck.Run(sample.AsFunction(out Tensor[] variables), variables);
        }

        /// <summary>Compares the derivative of the op's derivative with finite differences.</summary>
        public GradCheckReport CheckSecondOrder()
        {
            using TensorScope scope = new();
            return GradCheck.RunSecondOrder(sample.AsFunction(out Tensor[] variables), variables);
        }

        /// <summary>Whether operand i is something to differentiate by.</summary>
        internal bool IsVariable(int i) => (sample.Operands[i].Type ?? DType.Float64).IsFloating && !sample.Constants.Contains(i);

        /// <summary>The op as a function of its variable operands; several outputs are weighted and summed. The innermost scope owns the operands.</summary>
        internal Func<Tensor[], Tensor> AsFunction(out Tensor[] variables)
        {
            Tensor[] x = sample.MakeOperands(DType.Float64);
            int[] positions = [.. Enumerable.Range(0, x.Length).Where(sample.IsVariable)];
            variables = [.. positions.Select(i => x[i])];
            return moved =>
            {
                Tensor[] operands = [.. x];
                for (int i = 0; i < positions.Length; i++) operands[positions[i]] = moved[i];
                Op.Outputs outputs = default;
                Tape.Apply(sample.Op, operands, outputs);
                return Contract(((ReadOnlySpan<Tensor?>)outputs)[..sample.Op.OutputCount]);
            };
        }
    }

    private static Tensor Contract(ReadOnlySpan<Tensor?> outputs)
    {
        if (outputs.Length == 1) return outputs[0]!;
        Tensor? sum = null;
        foreach (Tensor? output in outputs)
        {
            if (!output!.DType.IsFloating) continue;
            Tensor weights = new Operand(output.Shape, -1, 1.5).Make(output.DType, new Generator(7));
            Tensor term = (output * weights).SumTo([]);
            sum = sum is null ? term : sum + term;
        }

        return sum!;
    }
}
