namespace Gradwright.Layers;

/// <summary>What stands between the two linear maps of a transformer's layer.</summary>
public enum TransformerActivation
{
    /// <summary>max(x, 0), as in the paper.</summary>
    ReLU,

    /// <summary>x Φ(x) (Hendrycks and Gimpel 2016).</summary>
    GELU,
}
