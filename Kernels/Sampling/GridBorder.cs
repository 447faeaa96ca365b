namespace Gradwright;

/// <summary>What lies outside an image.</summary>
public enum GridBorder
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The nearest pixel of the border.</summary>
    Edge,

    /// <summary>The image, mirrored again and again: at the centres of its outermost pixels if corners are aligned, else at their outer edges.</summary>
    Mirror,
}
