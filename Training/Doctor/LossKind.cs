namespace Gradwright.Training;

/// <summary>What a loss function does, as far as its answers to made-up outputs tell.</summary>
internal enum LossKind
{
    /// <summary>Something else.</summary>
    Other,

    /// <summary>Softmax and cross-entropy: adding a number to all of a sample's scores changes nothing; equal scores give ln C.</summary>
    CrossEntropy,

    /// <summary>Multiclass hinge: as above, but 0 once the right class leads far enough; equal scores give C − 1.</summary>
    Hinge,

    /// <summary>The negative of the right class's output.</summary>
    LogLikelihood,

    /// <summary>Sigmoid and cross-entropy: scores of 0 give ln 2.</summary>
    BinaryCrossEntropy,

    /// <summary>A distance: 0 where the outputs are the targets.</summary>
    Distance,
}
