namespace Gradwright;

/// <summary>What a matrix product applies to each finished element, while it is still in the cache.</summary>
public enum Activation
{
    /// <summary>y = x.</summary>
    None,

    /// <summary>y = max(x, 0); NaN stays NaN.</summary>
    Relu,
}
