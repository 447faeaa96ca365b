namespace Gradwright.Layers;

/// <summary>A tensor of a <see cref="ModelGraph"/>, and what makes it.</summary>
/// <param name="Name">Unique. The modules around it come first, divided by slashes: <c>0_Conv2D/Convolution2D</c>.</param>
/// <param name="Op">The op, or <c>Input</c>, <c>Parameter</c>, <c>Constant</c>.</param>
/// <param name="Inputs">Names of the nodes that it takes.</param>
/// <param name="Output">The shape of its first result.</param>
/// <param name="Layer">What the innermost module is; empty outside all.</param>
public sealed record ModelNode(string Name, string Op, IReadOnlyList<string> Inputs, Shape Output, string Layer);
