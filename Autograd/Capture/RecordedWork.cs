using Gradwright.Kernels;

namespace Gradwright;

/// <summary>One piece of what a step did, on tensors of the recording.</summary>
internal abstract class RecordedWork
{
    /// <summary>The same on real tensors; null where a view needs no work.</summary>
    public abstract BoundWork? Bind(StepBinding binding);
}

/// <summary>An op that has computed something.</summary>
internal sealed class RecordedOp(Op op, RecordedTensor[] x, RecordedTensor?[] y, MatMulPrecision precision) : RecordedWork
{
    public Op Op => op;
    public RecordedTensor[] Operands => x;
    public RecordedTensor?[] Results => y;

    public override BoundWork Bind(StepBinding binding)
        => new BoundOp(binding.Movable(op), Array.ConvertAll(x, binding.Tensor), Array.ConvertAll(y, t => t is { } tensor ? binding.Tensor(tensor) : null), precision);
}

/// <summary>An op that has made views, which a binding contains already.</summary>
internal sealed class RecordedView(Op op, RecordedTensor x, RecordedTensor[] y) : RecordedWork
{
    public Op Op => op;
    public RecordedTensor Operand => x;
    public RecordedTensor[] Results => y;

    public override BoundWork? Bind(StepBinding binding) => null;
}

/// <summary>A tensor that was filled with one number.</summary>
internal sealed class RecordedFill(RecordedTensor y, double value) : RecordedWork
{
    public RecordedTensor Result => y;
    public double Value => value;

    public override BoundWork Bind(StepBinding binding) => new BoundFill(binding.Tensor(y), value);
}

/// <summary>Work that is no op.</summary>
internal sealed class RecordedCall(RecordedTensor[] operands, Action<Tensor[]> work) : RecordedWork
{
    public override BoundWork Bind(StepBinding binding) => new BoundCall(Array.ConvertAll(operands, binding.Tensor), work);
}
