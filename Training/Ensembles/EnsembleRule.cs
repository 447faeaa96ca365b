namespace Gradwright.Training;

/// <summary>How the outputs of several models become one.</summary>
public enum EnsembleRule
{
    /// <summary>ln of the mean of the models' softmax along dimension 1: scores whose softmax is the mean probability, so that losses and metrics take them like a model's.</summary>
    Probabilities,

    /// <summary>The mean of the outputs: for regression.</summary>
    Outputs,

    /// <summary>The share of the models whose highest score each class has, along dimension 1. Of equal shares the first class is taken by an ArgMax.</summary>
    Votes,
}
