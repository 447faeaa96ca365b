namespace Gradwright.Layers;

/// <summary>What follows a layer, as far as its initial values care.</summary>
public enum Nonlinearity
{
    /// <summary>Nothing.</summary>
    Linear,

    /// <summary>1/(1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>tanh.</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    ReLU,

    /// <summary>x or slope · x.</summary>
    LeakyReLU,

    /// <summary>The self-normalising ELU.</summary>
    SELU,
}
