using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// Rewrites a recorded forward pass on the processor: a convolution or a linear layer takes along what follows it alone, the sum with a tensor of the same shape and an
/// activation, and does it while its results are in the cache.
/// </summary>
internal sealed class GraphFusion
{
    private readonly List<RecordedWork> _works;
    private readonly BlockTouches _touches;
    private readonly List<RecordedBlock> _held;

    private GraphFusion(StepRecording recording, List<RecordedBlock> held) => (_works, _touches, _held) = (recording.Works, new(recording.Works), held);

    /// <summary>Fuses what can be fused. New constants belong to <paramref name="held"/>.</summary>
    public static void Apply(StepRecording recording, List<RecordedBlock> held)
    {
        GraphFusion fusion = new(recording, held);
        for (int i = 0; i < recording.Works.Count; i++)
        {
            if (recording.Works[i] is not RecordedOp op || op.Operands is not [{ Block.Buffer.Accelerator: CpuAccelerator } x, var weight, ..] || !x.DType.IsFloating) continue;
            if (op.Operands[1..].Any(constant => constant.Block.IsTemporary || constant.Block.IsWritten)) continue;
            if (op.Op is Convolution convolution && FusedChoice.Fits(new(convolution, convolution, x.Layout.Shape, weight.Layout.Shape[0])))
                fusion.Fuse(i, op, weight.Layout.Shape[0], activation => new FusedConvolution(convolution, activation));
            else if (op.Op is MatMulOp product && weight.Layout.Rank == 2)
                fusion.Fuse(i, op, weight.Layout.Shape[1], activation => new FusedMatMul(product is ActivatedMatMul activated ? activated.Activation : activation));
        }
    }

    /// <summary>What every captured step may do, because the bits stay: a product takes along the rectifier that follows it alone.</summary>
    public static void Rectify(StepRecording recording)
    {
        GraphFusion fusion = new(recording, []);
        for (int i = 0; i < recording.Works.Count; i++)
        {
            if (recording.Works[i] is not RecordedOp { Op: MatMul, Results: [{ Block.Buffer.Accelerator: CpuAccelerator, DType: DType.Float32 or DType.Float64 } product] } op
                || fusion.Next(i, product) is not (int at, RecordedOp { Op: Unary<Relu>, Results: [{ } result] }) || !result.LiesLike(product)) continue;
            if (op.Operands.Any(operand => operand.Block == result.Block || fusion._touches.IsWritten(operand.Block, i, at))) continue;
            recording.Works[i] = new RecordedView(op.Op, result, []);
            recording.Works[at] = op.With(new ActivatedMatMul(Activation.Relu), op.Operands, result);
        }
    }

    /// <summary>Puts the op that <paramref name="make"/> makes in the place of one work and those that follow it.</summary>
    private void Fuse(int at, RecordedOp op, long biases, Func<Activation, Op> make)
    {
        List<RecordedTensor> operands = [.. op.Operands];
        if (operands.Count == 2)
        {
            using TensorScope scope = new();
            operands.Add(ConstantFolding.Constant(Tensor.Zeros([biases], operands[0].DType), _held));
        }

        if (!Take(at, op, make, operands, withSum: op.Op is not ActivatedMatMul)) Take(at, op, make, operands, withSum: false);
    }

    /// <summary>Puts one op in the place of the last of those that it stands for.</summary>
    /// <returns>False if its operands would not be there any more, or not yet.</returns>
    private bool Take(int at, RecordedOp op, Func<Activation, Op> make, List<RecordedTensor> operands, bool withSum)
    {
        List<int> taken = [at];
        RecordedTensor result = op.Results[0]!.Value;
        RecordedTensor? addend = null;
        if (withSum && Next(at, result) is (int sum, RecordedOp { Op: Binary<Add> } add) && Other(add, result) is { } other)
        {
            addend = other;
            taken.Add(sum);
            result = add.Results[0]!.Value;
        }

        int lastOperand = taken[^1];
        Activation activation = op.Op is ActivatedMatMul ? Activation.None : Activate(taken, ref result);
        if (operands.Any(operand => operand.Block == result.Block || _touches.IsWritten(operand.Block, at, taken[^1]))) return false;
        if (addend is { } term && (term.Block == result.Block || _touches.IsWritten(term.Block, lastOperand, taken[^1]))) return false;
        foreach (int i in taken) _works[i] = new RecordedView(op.Op, result, []);
        _works[taken[^1]] = op.With(make(activation), addend is { } last ? [.. operands, last] : [.. operands], result);
        return true;
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
        => value.Block.IsTemporary && _touches.Of(value.Block) is [int maker, int user] && maker == at && _works[user] is RecordedOp op && op.Operands.Any(operand => operand.LiesLike(value) && operand.Block == value.Block)
            ? (user, op) : null;

    /// <summary>What an addition adds to a value: a tensor of the same shape, or null.</summary>
    private static RecordedTensor? Other(RecordedOp add, RecordedTensor value)
    {
        RecordedTensor other = add.Operands[0].Block == value.Block ? add.Operands[1] : add.Operands[0];
        return other.Block != value.Block && other.Layout.Shape == value.Layout.Shape ? other : null;
    }
}
