namespace Gradwright.Kernels;

/// <summary>One parameter of an optimizer's step.</summary>
/// <param name="Parameter">Changed in place.</param>
/// <param name="Gradient">Of the parameter's shape and type, in any layout.</param>
/// <param name="First">The first state (momentum, mean of the gradients), if the rule has one; changed in place.</param>
/// <param name="Second">The second state (mean of the squared gradients), if the rule has one; changed in place.</param>
/// <param name="Step">Number of this update of this parameter, from 1.</param>
/// <param name="Third">The third state, if the rule has one; changed in place.</param>
public readonly record struct ParameterUpdate(Tensor Parameter, Tensor Gradient, Tensor? First, Tensor? Second, long Step, Tensor? Third = null);
