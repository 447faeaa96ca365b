using Gradwright.Kernels;

namespace Gradwright;

public static partial class TensorOperators
{
    extension(Tensor x)
    {
        /// <summary>
        /// Normalises each channel of this [N, C, …] by its mean and biased variance over the batch, then scales and shifts it (Ioffe and Szegedy 2015).
        /// </summary>
        /// <param name="scale">γ [C]; none means 1 and 0.</param>
        /// <param name="shift">β [C].</param>
        /// <param name="epsilon">Added to the variance.</param>
        /// <returns>The result, and the batch's mean [C] and variance [C], with which running statistics are updated.</returns>
        public (Tensor Y, Tensor Mean, Tensor Variance) BatchNorm(Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5)
        {
            RequireBoth(nameof(BatchNorm), scale, shift);
            Op.Outputs y = default;
            Tape.Apply(new BatchNorm(epsilon), scale is null ? [x] : [x, scale, shift!], y);
            return (y[0]!, y[1]!, y[2]!);
        }

        /// <summary>Normalises each channel of this [N, C, …] by given statistics: scale (x − mean) / √(variance + ε) + shift.</summary>
        public Tensor BatchNormInference(Tensor mean, Tensor variance, Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5)
        {
            RequireBoth(nameof(BatchNormInference), scale, shift);
            BatchNormInference op = new(epsilon);
            return scale is null ? Tape.Apply(op, x, mean, variance) : Tape.Apply(op, x, mean, variance, scale, shift!);
        }
    }

    private static void RequireBoth(string op, Tensor? scale, Tensor? shift)
    {
        if (scale is null != shift is null)
            throw new ArgumentException($"{op}: scale and shift come together; {(scale is null ? "scale" : "shift")} is missing. Pass ones for a scale, zeros for a shift.");
    }
}
