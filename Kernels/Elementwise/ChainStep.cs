namespace Gradwright.Kernels;

/// <summary>One step of an <see cref="ElementwiseChain"/>.</summary>
/// <param name="Op">An elementwise op: of one or two operands, or <see cref="AddProduct"/>.</param>
/// <param name="Sources">Its operands: k ≥ 0 is the chain's operand k, and ~i (that is −1 − i) what step i has made.</param>
public sealed record ChainStep(Op Op, params int[] Sources);
