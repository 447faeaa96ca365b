using Gradwright.Kernels;

namespace Gradwright;

/// <summary>Turns a recording into work on real tensors: blocks that nobody else needs lie in one arena.</summary>
internal sealed class StepBinding(MemoryBuffer? arena)
{
    private readonly Dictionary<RecordedTensor, Tensor> _tensors = [];

    /// <summary>Every tensor so far.</summary>
    public IEnumerable<Tensor> Tensors => _tensors.Values;

    /// <summary>The ops that draw random numbers, each with its place in the stream when it was recorded.</summary>
    public List<(IStreamOp Op, ulong Counter)> Draws { get; } = [];

    public Tensor Tensor(RecordedTensor tensor)
    {
        if (!_tensors.TryGetValue(tensor, out Tensor? bound)) _tensors.Add(tensor, bound = tensor.Bind(arena));
        return bound;
    }

    /// <summary>The op, or a copy if it has to move on in a random stream.</summary>
    public Op Movable(Op op)
    {
        if (op is not IStreamOp) return op;
        Op copy = op with { };
        Draws.Add(((IStreamOp)copy, ((IStreamOp)copy).Counter));
        return copy;
    }
}
