namespace Gradwright;

/// <summary>
/// What is applied to each finished element of a product while it is still in the cache. Operators take <see cref="None"/> and <see cref="Relu"/>; compiled models, which
/// need no derivative, take all.
/// </summary>
public enum Activation
{
    /// <summary>y = x.</summary>
    None,

    /// <summary>y = max(x, 0); NaN stays NaN.</summary>
    Relu,

    /// <summary>y = x limited to [0, 6]; NaN stays NaN.</summary>
    Relu6,

    /// <summary>y = 1/(1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>y = tanh x.</summary>
    Tanh,

    /// <summary>y = x · Φ(x).</summary>
    Gelu,

    /// <summary>GELU by its approximation with tanh.</summary>
    GeluTanh,

    /// <summary>y = x · sigmoid(x).</summary>
    Silu,

    /// <summary>y = x/6 + ½, limited to [0, 1].</summary>
    HardSigmoid,

    /// <summary>y = x · hardsigmoid(x).</summary>
    HardSwish,
}
