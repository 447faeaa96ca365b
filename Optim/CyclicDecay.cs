namespace Gradwright.Optim;

/// <summary>How the height of a cyclic schedule's triangles changes.</summary>
public enum CyclicDecay
{
    /// <summary>All triangles are equal.</summary>
    None,

    /// <summary>Each is half as high as the one before.</summary>
    Halving,

    /// <summary>The height is multiplied by a factor at each step.</summary>
    Exponential,
}
