namespace Gradwright.Optim;

/// <summary>Gradients from differences of the loss: for lessons, and for losses that cannot be recorded.</summary>
public static class NumericGradient
{
    /// <summary>
    /// Assigns (loss(x + h) − loss(x − h)) / 2h to the Grad of each element of the parameters; two evaluations for each. Or (loss(x + h) − loss(x)) / h: one
    /// evaluation for each, but an error of order h. Any optimizer can follow.
    /// </summary>
    /// <param name="loss">Computes the loss; nothing is recorded.</param>
    /// <param name="parameters">The parameters, but frozen ones; Float64 for more than three right digits.</param>
    /// <param name="h">The step.</param>
    /// <param name="oneSided">Whether only x + h is tried.</param>
    public static void Fill(Func<Tensor> loss, IEnumerable<Tensor> parameters, double h = 1e-4, bool oneSided = false)
    {
        ArgumentNullException.ThrowIfNull(loss);
        Require.Positive(h, nameof(NumericGradient), nameof(h), "1e-4 in Float64 and 1e-2 in Float32 are a start.");
        ParameterVector vector = new(nameof(NumericGradient), parameters);
        double here = oneSided ? vector.Measure(loss) : 0;
        foreach (Tensor parameter in vector.Parameters)
        {
            if (parameter.IsFrozen) continue;
            double[] start = HostValues.Of(parameter), slopes = new double[start.Length];
            for (int i = 0; i < start.Length; i++)
            {
                double ahead = At(parameter, start, i, h);
                slopes[i] = oneSided ? (ahead - here) / h : (ahead - At(parameter, start, i, -h)) / (2 * h);
            }

            Put(parameter, start);
            parameter.ZeroGrad();
            using Tape tape = new();
            tape.Backward((parameter * Tensor.From(slopes, parameter.Shape).Cast(parameter.DType).To(parameter.Accelerator)).Sum());      // its gradient is the slopes
        }

        double At(Tensor parameter, double[] start, int i, double by)
        {
            double[] moved = [.. start];
            moved[i] += by;
            Put(parameter, moved);
            return vector.Measure(loss);
        }
    }

    private static void Put(Tensor tensor, double[] values)
    {
        if (tensor.DType == DType.Float64) tensor.CopyFrom(values);
        else tensor.CopyFrom(Array.ConvertAll(values, value => (float)value));
    }
}
