namespace Gradwright.Training;

/// <summary>What <see cref="Doctor"/> can find; causes stand before their consequences.</summary>
public enum FindingKind
{
    /// <summary>Inputs or targets hold NaN or infinity.</summary>
    NotFinite,

    /// <summary>A target is no class of the model's, or no probability where one is needed.</summary>
    TargetsOutOfRange,

    /// <summary>A gradient disagrees with finite differences.</summary>
    WrongGradient,

    /// <summary>The same inputs give two results although all random streams were set back, so gradients cannot be checked.</summary>
    NotRepeatable,

    /// <summary>Weights that are all zero stay zero.</summary>
    ZeroInitialisation,

    /// <summary>The units of a layer have equal weights, and training keeps them equal.</summary>
    IdenticalUnits,

    /// <summary>No gradient at all arrives at a parameter: nothing that is computed from it reaches the loss.</summary>
    UnreachedParameter,

    /// <summary>A layer gives zeros for every sample, or its gradient is exactly zero, also after a few steps.</summary>
    DeadLayer,

    /// <summary>The model ends in a softmax, and the loss applies another.</summary>
    SoftmaxTwice,

    /// <summary>The model ends in a sigmoid, and the loss applies another.</summary>
    SigmoidTwice,

    /// <summary>The outputs are the same whatever the input.</summary>
    ConstantOutput,

    /// <summary>The model learns samples by heart, but what it learns is worth nothing for others: the targets do not go with the inputs.</summary>
    LabelsUnlearnable,

    /// <summary>The model cannot learn twenty samples by heart.</summary>
    CannotOverfit,

    /// <summary>Steps are so long that they do harm.</summary>
    RateTooHigh,

    /// <summary>Steps are so short that almost nothing is learnt.</summary>
    RateTooLow,

    /// <summary>The rate fell while the loss was still falling fast.</summary>
    DecayedTooEarly,

    /// <summary>The first loss is not the one of a model that knows nothing.</summary>
    InitialLoss,

    /// <summary>The regularisation does not raise the loss, or outweighs it.</summary>
    Regularisation,

    /// <summary>Many of a layer's rectifiers never fire.</summary>
    DeadUnits,

    /// <summary>Most outputs of a tanh or sigmoid layer lie where it is flat.</summary>
    SaturatedUnits,

    /// <summary>Gradients or signals shrink through the layers.</summary>
    VanishingGradients,

    /// <summary>Gradients or signals grow through the layers.</summary>
    ExplodingGradients,

    /// <summary>Inputs are far from mean 0 and variance 1.</summary>
    InputNotNormalised,

    /// <summary>Numbers to be predicted are far from mean 0 and variance 1.</summary>
    TargetsNotNormalised,

    /// <summary>Nearly all samples are of one class.</summary>
    ClassImbalance,

    /// <summary>Samples of a class come one after the other, so that batches hold one class each.</summary>
    NotShuffled,

    /// <summary>The training data are learnt better and better, the validation data worse and worse.</summary>
    Overfitting,

    /// <summary>Training has come to rest at a loss that is still high.</summary>
    Underfitting,
}
