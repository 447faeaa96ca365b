namespace Gradwright;

/// <summary>Something that was so when a step was captured and on which what it did depends. Where it is so no longer, the step is captured anew.</summary>
internal abstract record ReplayCondition
{
    public abstract bool Holds { get; }
}

/// <summary>A tensor from outside the step still lies where it lay, and is frozen or not as it was.</summary>
internal sealed record TensorStays(Tensor Tensor, long Lease, Layout Layout, bool IsFrozen) : ReplayCondition
{
    public override bool Holds => !Tensor.IsDisposed && Tensor.Buffer.Lease == Lease && Tensor.Layout == Layout && Tensor.IsFrozen == IsFrozen;
}

/// <summary>A block still holds the numbers that were computed with.</summary>
internal sealed record ContentsStay(MemoryBuffer Buffer, int Version) : ReplayCondition
{
    public override bool Holds => Buffer.Version == Version;
}

/// <summary>A parameter's gradient is there, or not, as it was when the step began to use it.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="Lease">The lease of the gradient's block; 0 where there was none.</param>
internal sealed record GradientStays(Tensor Parameter, long Lease) : ReplayCondition
{
    public override bool Holds => (Parameter.Grad?.Buffer.Lease ?? 0) == Lease;
}

/// <summary>A generator still draws from the stream that it drew from.</summary>
internal sealed record StreamStays(Generator Generator, ulong Key) : ReplayCondition
{
    public override bool Holds => Generator.Key == Key;
}
