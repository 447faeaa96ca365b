using Gradwright.Kernels;

namespace Gradwright;

/// <summary>Prepares once what fused ops would make of constant weights at each repetition. When the weights change, the step is recorded anew.</summary>
internal static class FilterPreparation
{
    public static void Apply(StepRecording recording)
    {
        using TensorScope scope = new();
        for (int i = 0; i < recording.Works.Count; i++)
            if (recording.Works[i] is RecordedOp work && Prepared(work, recording) is { } op) recording.Works[i] = work.With(op, work.Operands, work.Results[0]!.Value);
    }

    private static Op? Prepared(RecordedOp work, StepRecording recording) => work.Op switch
    {
        FusedConvolution op => op with { Prepared = Keep(Filter(op.Convolution, work, ConstantFolding.Bind(work.Operands[1], recording)), recording) },
        FusedMatMul op when FusedMatMul.IsPacked(work.Results[0]!.Value.Layout.Count / work.Operands[1].Layout.Shape[1])
            => op with { Prepared = Keep(new PackedMatrix(ConstantFolding.Bind(work.Operands[1], recording)), recording) },
        _ => null,
    };

    private static PreparedFilter Filter(Convolution convolution, RecordedOp work, Tensor weight)
    {
        RecordedTensor x = work.Operands[0];
        ConvolutionShape shape = new(convolution, convolution, x.Layout.Shape, weight.Shape[0]);
        return new(shape, FusedChoice.For(shape, x.DType, work.Modes.Algorithm, isPlain: !ChannelsLast.Is(x.Layout)), weight);
    }

    private static TPrepared Keep<TPrepared>(TPrepared prepared, StepRecording recording) where TPrepared : IDisposable
    {
        recording.Prepared.Add(prepared);
        return prepared;
    }
}
