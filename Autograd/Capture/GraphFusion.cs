using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// Rewrites a recorded forward pass on the processor: a convolution takes along what follows it alone, the sum with a tensor of the same shape and an activation, and
/// does it while its results are in the cache.
/// </summary>
internal sealed class GraphFusion
{
    private readonly List<RecordedWork> _works;
    private readonly Dictionary<RecordedBlock, List<int>> _touches = [];
    private readonly List<RecordedBlock> _held;

    private GraphFusion(StepRecording recording, List<RecordedBlock> held)
    {
        (_works, _held) = (recording.Works, held);
        for (int i = 0; i < _works.Count; i++)
            foreach (RecordedBlock block in _works[i].Tensors.Select(tensor => tensor.Block).Distinct())
            {
                if (!_touches.TryGetValue(block, out List<int>? at)) _touches.Add(block, at = []);
                at.Add(i);
            }
    }

    /// <summary>Fuses what can be fused. New constants belong to <paramref name="held"/>.</summary>
    public static void Apply(StepRecording recording, List<RecordedBlock> held)
    {
        GraphFusion fusion = new(recording, held);
        for (int i = 0; i < recording.Works.Count; i++)
            if (recording.Works[i] is RecordedOp { Op: Convolution } convolution && IsOnProcessor(convolution)) fusion.Fuse(i, convolution);
    }

    private static bool IsOnProcessor(RecordedOp op) => op.Operands[0].Block.Buffer.Accelerator is CpuAccelerator;

    private void Fuse(int at, RecordedOp op)
    {
        Convolution convolution = (Convolution)op.Op;
        ConvolutionShape shape = new(convolution, convolution, op.Operands[0].Layout.Shape, op.Operands[1].Layout.Shape[0]);
        if (!FusedChoice.Fits(shape) || op.Operands[1..].Any(constant => constant.Block.IsTemporary || constant.Block.IsWritten)) return;
        List<RecordedTensor> operands = [.. op.Operands];
        if (operands.Count == 2)
        {
            using TensorScope scope = new();
            operands.Add(ConstantFolding.Constant(Tensor.Zeros([shape.Filters], operands[0].DType), _held));
        }

        List<int> taken = [at];
        RecordedTensor result = op.Results[0]!.Value;
        if (Next(taken[^1], result) is (int sum, RecordedOp { Op: Binary<Add> } add) && Other(add, result) is { } addend)
        {
            operands.Add(addend);
            taken.Add(sum);
            result = add.Results[0]!.Value;
        }

        Activation activation = Activate(taken, ref result);
        if (operands.Any(operand => operand.Block == result.Block || IsWritten(operand.Block, at, taken[^1]))) return;
        foreach (int i in taken) _works[i] = new RecordedView(op.Op, result, []);
        _works[taken[^1]] = op.With(new FusedConvolution(convolution, activation), [.. operands], result);
    }

    /// <summary>The activation that follows, if any; the works that compute it are added to those taken.</summary>
    private Activation Activate(List<int> taken, ref RecordedTensor result)
    {
        List<(int At, RecordedOp Work)> steps = [];
        RecordedTensor last = result;
        while (steps.Count < 2 && Next(steps.Count > 0 ? steps[^1].At : taken[^1], last) is (int at, RecordedOp { Operands.Length: 1, Results: [{ } next] } step))
        {
            steps.Add((at, step));
            last = next;
        }

        if (ActivationOps.Longest([.. steps.Select(step => step.Work.Op)]) is not { } activation) return Activation.None;
        int count = Math.Max(1, Math.Min(steps.Count, ActivationOps.Of(activation).Length));
        taken.AddRange(steps.Take(count).Select(step => step.At));
        result = steps[count - 1].Work.Results[0]!.Value;
        return activation;
    }

    /// <summary>The only work that touches a value after the one that makes it, if it takes it as it lies.</summary>
    private (int At, RecordedOp Work)? Next(int at, RecordedTensor value)
        => value.Block.IsTemporary && _touches[value.Block] is [int maker, int user] && maker == at && _works[user] is RecordedOp op && op.Operands.Any(operand => operand.LiesLike(value) && operand.Block == value.Block)
            ? (user, op) : null;

    /// <summary>What an addition adds to a value: a tensor of the same shape, or null.</summary>
    private static RecordedTensor? Other(RecordedOp add, RecordedTensor value)
    {
        RecordedTensor other = add.Operands[0].Block == value.Block ? add.Operands[1] : add.Operands[0];
        return other.Block != value.Block && other.Layout.Shape == value.Layout.Shape ? other : null;
    }

    /// <summary>Whether a work between two others writes to a block.</summary>
    private bool IsWritten(RecordedBlock block, int after, int before)
        => _touches.TryGetValue(block, out List<int>? at) && at.Any(i => i > after && i < before && (_works[i] is not RecordedOp op || op.Results.Any(result => result?.Block == block)));
}
