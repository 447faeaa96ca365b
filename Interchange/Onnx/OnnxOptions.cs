namespace Gradwright;

/// <summary>How a graph is written as ONNX.</summary>
public sealed record OnnxOptions
{
    /// <summary>The names of the inputs in the file; <c>input0</c>, <c>input1</c>, … where none are given.</summary>
    public IReadOnlyList<string> InputNames { get; init; } = [];

    /// <summary>The names of the results in the file; <c>output0</c>, <c>output1</c>, … where none are given.</summary>
    public IReadOnlyList<string> OutputNames { get; init; } = [];

    /// <summary>
    /// Names of tensors that the graph uses, usually <c>model.StateDictionary()</c>: running statistics have no name of their own, and would be written as numbered
    /// constants. Parameters are known by their paths without it.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> State { get; init; } = new Dictionary<string, Tensor>();

    /// <summary>
    /// Whether the first dimension of every input may have any length, called <c>batch</c> in the file. The function is then recorded with two lengths, and refused if it
    /// does not do the same with both. Only <see cref="OnnxFile.Export"/> can do that.
    /// </summary>
    public bool DynamicBatch { get; init; }

    /// <summary>The graph's name in the file.</summary>
    public string GraphName { get; init; } = "gradwright";
}
