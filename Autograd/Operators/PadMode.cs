namespace Gradwright;

/// <summary>What a border is made of.</summary>
public enum PadMode
{
    /// <summary>One number.</summary>
    Constant,

    /// <summary>The tensor mirrored at its first and last elements, which are not repeated: c b | a b c | b a.</summary>
    Reflect,

    /// <summary>The first and last elements: a a | a b c | c c.</summary>
    Replicate,
}
