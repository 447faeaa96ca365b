using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>What the next model of an <see cref="AdaBoost"/> is to learn from.</summary>
public sealed class BoostingRound
{
    private readonly double[] _weights;

    internal BoostingRound(int number, double[] weights) => (Number, _weights) = (number, weights);

    /// <summary>From 0.</summary>
    public int Number { get; }

    /// <summary>How much each sample of the data set counts; their sum is 1. For a loss with weights, or a method that takes them.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>Draws samples in proportion to their weights: for trainings that know none, through a <see cref="DataLoader"/>.</summary>
    public WeightedSampler Sampler => new(_weights);
}
