namespace Gradwright;

/// <summary>A node of the graph that TensorBoard draws.</summary>
/// <param name="Name">Unique; slashes divide groups. Letters, digits, <c>_ . - / \</c>; anything else becomes an underline.</param>
/// <param name="Op">What it does.</param>
/// <param name="Inputs">Names of the nodes that it takes.</param>
/// <param name="Output">The shape of its result.</param>
/// <param name="Note">Whatever else is to be shown; may be empty.</param>
public sealed record EventGraphNode(string Name, string Op, IReadOnlyList<string> Inputs, Shape Output, string Note = "");
