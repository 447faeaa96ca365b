namespace Gradwright.Kernels;

/// <summary>What an op will make: element type and layout (without offset).</summary>
public readonly record struct TensorSpec(DType DType, Layout Layout)
{
    /// <summary>A row-major output.</summary>
    public TensorSpec(DType dtype, Shape shape) : this(dtype, Layout.Contiguous(shape)) { }
}
