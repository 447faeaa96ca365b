using Gradwright.Kernels;

namespace Gradwright;

/// <summary>Prepares once what fused ops would make of constant weights at each repetition. When the weights change, the step is recorded anew.</summary>
internal static class FilterPreparation
{
    public static void Apply(StepRecording recording)
    {
        for (int i = 0; i < recording.Works.Count; i++)
            if (recording.Works[i] is RecordedOp { Op: FusedConvolution op } work)
                recording.Works[i] = work.With(op with { Prepared = Prepare(op.Convolution, work, recording) }, work.Operands, work.Results[0]!.Value);
    }

    private static PreparedFilter Prepare(Convolution convolution, RecordedOp work, StepRecording recording)
    {
        using TensorScope scope = new();
        RecordedTensor x = work.Operands[0], weight = work.Operands[1];
        ConvolutionShape shape = new(convolution, convolution, x.Layout.Shape, weight.Layout.Shape[0]);
        FusedMethod method = FusedChoice.For(shape, x.DType, work.Modes.Algorithm, isPlain: !ChannelsLast.Is(x.Layout));
        PreparedFilter filter = new(shape, method, Bind(weight, recording));
        recording.Prepared.Add(filter);
        return filter;
    }

    /// <summary>The tensor with the numbers that it has now, which have to stay.</summary>
    private static Tensor Bind(RecordedTensor tensor, StepRecording recording)
    {
        recording.Conditions.Add(new ContentsStay(tensor.Block.Buffer, tensor.Block.Buffer.Version));
        tensor.Block.Buffer.AddReference();
        return new(tensor.Block.Buffer, tensor.Layout, tensor.DType);
    }
}
