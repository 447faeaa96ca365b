namespace Gradwright;

/// <summary>What lies outside an image that is sampled.</summary>
public enum GridBorder
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The image mirrored, again and again: at the centres of its outermost pixels if corners are aligned, else at their outer edges.</summary>
    Reflect,

    /// <summary>The outermost pixels.</summary>
    Replicate,
}
