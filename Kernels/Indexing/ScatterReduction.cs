namespace Gradwright;

/// <summary>What becomes of numbers that are put in one place.</summary>
public enum ScatterReduction
{
    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their product.</summary>
    Product,

    /// <summary>The largest of them; NaN if one is.</summary>
    Max,

    /// <summary>The smallest of them; NaN if one is.</summary>
    Min,
}
