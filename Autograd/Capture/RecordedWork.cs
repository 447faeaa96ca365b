using Gradwright.Kernels;

namespace Gradwright;

/// <summary>One piece of what a step did, on tensors of the recording.</summary>
internal abstract class RecordedWork
{
    /// <summary>The tensors that it computes with.</summary>
    public abstract IEnumerable<RecordedTensor> Tensors { get; }

    /// <summary>The same on real tensors; null where a view needs no work.</summary>
    public abstract BoundWork? Bind(StepBinding binding);
}

/// <summary>An op that has computed something.</summary>
internal sealed class RecordedOp(Op op, RecordedTensor[] x, RecordedTensor?[] y, KernelModes modes) : RecordedWork
{
    public Op Op => op;
    public RecordedTensor[] Operands => x;
    public RecordedTensor?[] Results => y;
    public KernelModes Modes => modes;

    public override IEnumerable<RecordedTensor> Tensors => [.. x, .. y.OfType<RecordedTensor>()];

    /// <summary>The block of an operand over which an elementwise op can write its result, because this is the last work that reads it; null if there is none.</summary>
    /// <param name="work">The number of this work.</param>
    public RecordedBlock? Overwritten(int work)
    {
        if (!op.WritesAnywhere || y is not [{ } result] || !result.Block.IsTemporary || result.Block.First != work || result.Block.Host != result.Block) return null;
        foreach (RecordedTensor operand in x)
        {
            RecordedBlock host = operand.Block.Host;
            if (operand.Block.IsTemporary && host.Last == work && operand.Block.Length == result.Block.Length && result.LiesLike(operand)
                && Array.TrueForAll(x, other => other.Block.Host != host || other.LiesLike(operand))) return host;
        }

        return null;
    }

    /// <summary>The same op on other tensors.</summary>
    public RecordedOp On(Func<RecordedTensor, RecordedTensor> place)
        => new(op, Array.ConvertAll(x, tensor => place(tensor)), Array.ConvertAll(y, t => t is { } tensor ? place(tensor) : (RecordedTensor?)null), modes);

    /// <summary>Another op in its place.</summary>
    public RecordedOp With(Op other, RecordedTensor[] operands, RecordedTensor result) => new(other, operands, [result], modes);

    public override BoundWork Bind(StepBinding binding)
        => new BoundOp(binding.Movable(op), Array.ConvertAll(x, binding.Tensor), Array.ConvertAll(y, t => t is { } tensor ? binding.Tensor(tensor) : null), modes);
}

/// <summary>An op that has made views, which a binding contains already.</summary>
internal sealed class RecordedView(Op op, RecordedTensor x, RecordedTensor[] y) : RecordedWork
{
    public Op Op => op;
    public RecordedTensor Operand => x;
    public RecordedTensor[] Results => y;

    /// <summary>None: a view alone keeps no block in use.</summary>
    public override IEnumerable<RecordedTensor> Tensors => [];

    public override BoundWork? Bind(StepBinding binding) => null;
}

/// <summary>A tensor that was filled with one number.</summary>
internal sealed class RecordedFill(RecordedTensor y, double value) : RecordedWork
{
    public RecordedTensor Result => y;
    public double Value => value;
    public override IEnumerable<RecordedTensor> Tensors => [y];

    public override BoundWork Bind(StepBinding binding) => new BoundFill(binding.Tensor(y), value);
}

/// <summary>Work that is no op.</summary>
internal sealed class RecordedCall(RecordedTensor[] operands, Action<Tensor[]> work) : RecordedWork
{
    public override IEnumerable<RecordedTensor> Tensors => operands;
    public override BoundWork Bind(StepBinding binding) => new BoundCall(Array.ConvertAll(operands, binding.Tensor), work);
}
