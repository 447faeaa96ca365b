namespace Gradwright;

/// <summary>The rule of methods that write into a tensor: never where a tape would lose what it records.</summary>
internal static class InPlace
{
    /// <exception cref="TapeException">The recording tape differentiates one of the tensors.</exception>
    public static void Require(string operation, string remedy, params ReadOnlySpan<Tensor> tensors)
    {
        if (Tape.Current is not { } tape) return;
        foreach (Tensor tensor in tensors)
        {
            if (tape.Takes(tensor))
                throw new TapeException($"{operation}: {tensor.Describe()} is being recorded, and writing in place would cut it from the tape. Use {remedy} instead, which the tape records; "
                    + "or, if nothing is to be differentiated here, wrap the call in Tape.NoRecord().");
        }
    }
}
