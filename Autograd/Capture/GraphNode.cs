using Gradwright.Kernels;

namespace Gradwright;

/// <summary>One op of a <see cref="CapturedGraph"/>.</summary>
public sealed class GraphNode
{
    internal GraphNode(Op op, IReadOnlyList<GraphValue> inputs, IReadOnlyList<GraphValue> outputs, bool isView) => (Op, Inputs, Outputs, IsView) = (op, inputs, outputs, isView);

    /// <summary>The op, whose record properties are the attributes; its name and version are stable.</summary>
    public Op Op { get; }

    /// <summary>The operands.</summary>
    public IReadOnlyList<GraphValue> Inputs { get; }

    /// <summary>The results, then those of the kept ones that were asked for.</summary>
    public IReadOnlyList<GraphValue> Outputs { get; }

    /// <summary>Whether the results are views: another shape of the operand's memory, without work.</summary>
    public bool IsView { get; }

    public override string ToString() => $"{string.Join(", ", Outputs)} = {Op.Name}({string.Join(", ", Inputs)})";
}
