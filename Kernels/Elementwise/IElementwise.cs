namespace Gradwright.Kernels;

/// <summary>An op that computes each element of its only result from the same element of its operands, and so can work on any piece of them.</summary>
internal interface IElementwise
{
    /// <summary>Computes what a loop walks.</summary>
    /// <param name="loop">Operand 0 is the result; the op's operands follow.</param>
    /// <param name="dtype">The operands' element type.</param>
    void Run(StridedLoop loop, DType dtype);
}
