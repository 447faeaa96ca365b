namespace Gradwright.Training;

/// <summary>In which way a function can stop to let gradients pass.</summary>
internal enum ActivationKind
{
    /// <summary>In none that is known.</summary>
    Other,

    /// <summary>Below zero, where the result is zero.</summary>
    Rectifier,

    /// <summary>Near 0 and 1.</summary>
    Sigmoid,

    /// <summary>Near −1 and 1.</summary>
    Tanh,
}
