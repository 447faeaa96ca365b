using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// Lets the images between fused convolutions lie with their channels last, and those that elementwise ops and poolings make of them. Whoever else reads them takes any
/// layout; what the step returns and what is looked at in another shape stays as it was.
/// </summary>
internal static class ChannelsLastPlan
{
    public static void Apply(StepRecording recording)
    {
        HashSet<RecordedBlock> plain = Plain(recording.Works), turned = [];
        foreach (RecordedWork work in recording.Works)
        {
            if (work is RecordedOp { Results: [{ } result, ..] } op && plain.Contains(result.Block) && result.Layout.Rank > 2 && Turns(op, result, turned)) turned.Add(result.Block);
        }

        for (int i = 0; i < recording.Works.Count; i++)
            if (recording.Works[i] is RecordedOp op && op.Tensors.Any(tensor => turned.Contains(tensor.Block))) recording.Works[i] = op.On(Turn);

        RecordedTensor Turn(RecordedTensor tensor) => turned.Contains(tensor.Block) ? tensor with { Layout = ChannelsLast.Of(tensor.Layout.Shape) } : tensor;
    }

    /// <summary>Temporary blocks that ops alone touch, all of them as the same whole row-major tensor.</summary>
    private static HashSet<RecordedBlock> Plain(List<RecordedWork> works)
    {
        Dictionary<RecordedBlock, RecordedTensor> first = [];
        HashSet<RecordedBlock> others = [];
        foreach (RecordedWork work in works)
        {
            IEnumerable<RecordedTensor> tensors = work is RecordedView view ? [.. view.Results, .. view.Results.Length > 0 ? [view.Operand] : Array.Empty<RecordedTensor>()] : work.Tensors;
            foreach (RecordedTensor tensor in tensors)
            {
                bool isWhole = tensor.Layout.IsContiguous && tensor.Layout.Offset == 0 && first.TryAdd(tensor.Block, tensor) | first[tensor.Block].LiesLike(tensor);
                if (work is not RecordedOp || !isWhole || !tensor.Block.IsTemporary) others.Add(tensor.Block);
            }
        }

        return [.. first.Keys.Except(others)];
    }

    private static bool Turns(RecordedOp op, RecordedTensor result, HashSet<RecordedBlock> turned)
    {
        if (op.Op is FusedConvolution) return true;
        if (op.Op is MaxPool2D) return op.Results is [_, null] && turned.Contains(op.Operands[0].Block);
        RecordedTensor[] alike = [.. op.Operands.Where(operand => operand.Layout.Shape == result.Layout.Shape)];
        return op.Op.WritesAnywhere && op.Results.Length == 1 && alike.Length > 0 && Array.TrueForAll(alike, operand => turned.Contains(operand.Block));
    }
}
