namespace Gradwright.Data;

/// <summary>What every sample of a data set is: the element type and shape of its input or target, without the batch dimension.</summary>
public readonly record struct SampleSpec(DType DType, Shape Shape)
{
    /// <summary>Bytes of one sample.</summary>
    public long ByteLength => Shape.Count * DType.Size;

    public override string ToString() => $"{DType} {Shape}";
}
