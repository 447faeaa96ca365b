namespace Gradwright.Optim;

/// <summary>Parameters that an optimizer treats alike, with settings of their own where set.</summary>
/// <example><code>
/// var optimizer = new AdamW([
///     new ParameterGroup(model.Weights),
///     new ParameterGroup(model.Biases) { WeightDecay = 0 },
///     new ParameterGroup(backbone) { RateFactor = 0.1 },
/// ], learningRate: 3e-4);
/// </code></example>
public sealed class ParameterGroup
{
    /// <summary>A group of these parameters, in their order.</summary>
    public ParameterGroup(IEnumerable<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = [.. parameters];
    }

    /// <summary>The group's parameters.</summary>
    public IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>A learning rate of its own, a number or a schedule; null follows the optimizer.</summary>
    public Schedule? LearningRate { get; set; }

    /// <summary>Multiplies the learning rate, whichever it is.</summary>
    public double RateFactor
    {
        get;
        set => field = Require.NotNegative(value, nameof(ParameterGroup), nameof(RateFactor), "1 is the optimizer's rate, 0.1 a tenth of it.");
    } = 1;

    /// <summary>A weight decay of its own; null follows the optimizer.</summary>
    public double? WeightDecay
    {
        get;
        set => field = value is null ? null : Require.NotNegative(value.Value, nameof(ParameterGroup), nameof(WeightDecay), "Use 0 for biases and norms.");
    }
}
