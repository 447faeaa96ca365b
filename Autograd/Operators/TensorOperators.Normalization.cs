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

        /// <summary>
        /// Normalises each sample over its trailing dimensions: scale (x − mean) / √(variance + ε) + shift, with the biased variance (Ba et al. 2016,
        /// "Layer Normalization"). A large offset of a row costs no digits.
        /// </summary>
        /// <param name="scale">γ, of the trailing dimensions' shape; none means 1.</param>
        /// <param name="shift">β of the same shape; none means 0. Needs a scale.</param>
        /// <param name="dimensions">How many trailing dimensions are normalised over.</param>
        /// <param name="epsilon">ε, added to the variance.</param>
        /// <exception cref="ShapeException">There are not so many dimensions, or scale or shift have another shape.</exception>
        public Tensor LayerNorm(Tensor? scale = null, Tensor? shift = null, int dimensions = 1, double epsilon = 1e-5) => RowNorm(new LayerNorm(dimensions, epsilon), x, scale, shift);

        /// <summary>Divides each sample by its root mean square over the trailing dimensions: scale x / √(mean of x² + ε) (Zhang and Sennrich 2019, "Root Mean Square Layer Normalization").</summary>
        /// <param name="scale">γ, of the trailing dimensions' shape; none means 1.</param>
        /// <param name="dimensions">How many trailing dimensions are normalised over.</param>
        /// <param name="epsilon">ε, added to the mean square.</param>
        /// <exception cref="ShapeException">There are not so many dimensions, or the scale has another shape.</exception>
        public Tensor RmsNorm(Tensor? scale = null, int dimensions = 1, double epsilon = 1e-6) => RowNorm(new RmsNorm(dimensions, epsilon), x, scale, null);

        /// <summary>
        /// Normalises groups of channels of each sample of this [N, C, …]: scale (x − mean) / √(variance + ε) + shift (Wu and He 2018, "Group Normalization").
        /// </summary>
        /// <param name="groups">The channels are cut into so many groups of equal size.</param>
        /// <param name="scale">γ, [C], or [N, C] for numbers of each sample's own; none means 1.</param>
        /// <param name="shift">β of the same shape; none means 0. Needs a scale.</param>
        /// <param name="epsilon">ε, added to the variance.</param>
        /// <exception cref="ShapeException">The channels cannot be cut so, or scale or shift have another shape.</exception>
        public Tensor GroupNorm(int groups, Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5) => RowNorm(new GroupNorm(groups, epsilon), x, scale, shift);

        /// <summary>
        /// Normalises each channel of each sample of this [N, C, …] by itself (Ulyanov et al. 2016, "Instance Normalization"): group normalisation with
        /// as many groups as channels.
        /// </summary>
        /// <inheritdoc cref="GroupNorm(Tensor, int, Tensor?, Tensor?, double)" path="/param"/>
        public Tensor InstanceNorm(Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5)
            => x.Rank >= 2 ? x.GroupNorm(checked((int)x.Shape[1]), scale, shift, epsilon)
                : throw new ShapeException($"InstanceNorm: x has shape {x.Shape}, but [N, C, …] is expected. Add dimensions with Unsqueeze.");
    }

    private static Tensor RowNorm(RowNorm op, Tensor x, Tensor? scale, Tensor? shift)
    {
        if (scale is null && shift is not null) throw new ArgumentException($"{op.Name}: there is a shift but no scale. Pass ones for a scale.");
        return scale is null ? Tape.Apply(op, x) : shift is null ? Tape.Apply(op, x, scale) : Tape.Apply(op, x, scale, shift);
    }

    private static void RequireBoth(string op, Tensor? scale, Tensor? shift)
    {
        if (scale is null != shift is null)
            throw new ArgumentException($"{op}: scale and shift come together; {(scale is null ? "scale" : "shift")} is missing. Pass ones for a scale, zeros for a shift.");
    }
}
