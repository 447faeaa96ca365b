using Gradwright.Kernels;

namespace Gradwright;

/// <summary>
/// Rewrites a recorded forward pass: a batch norm with given statistics behind a convolution becomes part of the convolution's weights,
/// w′ = w · scale / √(variance + ε) and b′ = (b − mean) · scale / √(variance + ε) + shift, which rounds differently.
/// </summary>
internal static class ConstantFolding
{
    /// <summary>Folds what can be folded. The new constants belong to <paramref name="held"/>.</summary>
    public static void Apply(StepRecording recording, List<RecordedBlock> held)
    {
        Dictionary<RecordedBlock, int> readers = [];
        Dictionary<RecordedBlock, int> writers = [];
        for (int i = 0; i < recording.Works.Count; i++)
        {
            foreach (RecordedBlock block in recording.Works[i].Tensors.Select(tensor => tensor.Block).Distinct()) readers[block] = readers.GetValueOrDefault(block) + 1;
            if (recording.Works[i] is RecordedOp { Results: [{ } result, ..] }) writers[result.Block] = i;
        }

        for (int i = 0; i < recording.Works.Count; i++)
        {
            if (recording.Works[i] is not RecordedOp { Op: BatchNormInference } norm) continue;
            RecordedTensor x = norm.Operands[0];
            // Only the convolution writes the block, and only the norm reads it.
            if (!x.Block.IsTemporary || readers[x.Block] != 2 || !writers.TryGetValue(x.Block, out int at)) continue;
            if (recording.Works[at] is not RecordedOp { Op: Convolution } convolution || !x.LiesLike(convolution.Results[0]!.Value)) continue;
            if (convolution.Operands[1..].Concat(norm.Operands[1..]).Any(constant => constant.Block.IsTemporary || constant.Block.IsWritten)) continue;
            recording.Works[at] = Fold(convolution, norm, recording, held);
            recording.Works[i] = new RecordedView(norm.Op, norm.Results[0]!.Value, []);
        }
    }

    private static RecordedOp Fold(RecordedOp convolution, RecordedOp norm, StepRecording recording, List<RecordedBlock> held)
    {
        using TensorScope scope = new();
        Tensor[] of = [.. convolution.Operands[1..].Select(constant => Bind(constant, recording))], by = [.. norm.Operands[1..].Select(constant => Bind(constant, recording))];
        Tensor mean = by[0], factor = (by[1] + ((BatchNormInference)norm.Op).Epsilon).Rsqrt();
        if (by.Length > 2) factor *= by[2];
        long[] perFilter = new long[of[0].Rank];
        Array.Fill(perFilter, 1);
        perFilter[0] = factor.Count;
        Tensor weight = of[0] * factor.Reshape(perFilter), bias = (of.Length > 1 ? of[1] - mean : -mean) * factor;
        if (by.Length > 3) bias += by[3];
        return convolution.With(convolution.Op, [convolution.Operands[0], Constant(weight, held), Constant(bias, held)], norm.Results[0]!.Value);
    }

    /// <summary>The tensor with the numbers that it has now, which have to stay.</summary>
    public static Tensor Bind(RecordedTensor tensor, StepRecording recording)
    {
        recording.Conditions.Add(new ContentsStay(tensor.Block.Buffer, tensor.Block.Buffer.Version));
        tensor.Block.Buffer.AddReference();
        return new(tensor.Block.Buffer, tensor.Layout, tensor.DType);
    }

    /// <summary>New numbers that the recording keeps.</summary>
    public static RecordedTensor Constant(Tensor values, List<RecordedBlock> held)
    {
        values.Buffer.AddReference();
        RecordedBlock block = new(values.Buffer, isOfStep: true);
        held.Add(block);
        return new(block, values.Layout, values.DType);
    }
}
