namespace Gradwright.Bench;

/// <summary>What the contenders may use of the processor.</summary>
internal enum InstructionSet
{
    /// <summary>All that there is.</summary>
    Native,

    /// <summary>Nothing wider than 256 bits.</summary>
    Avx2,
}
