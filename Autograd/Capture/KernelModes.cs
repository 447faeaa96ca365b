namespace Gradwright;

/// <summary>What a thread has chosen for its ops, beyond their attributes.</summary>
internal readonly record struct KernelModes(MatMulPrecision Precision, ConvolutionAlgorithm Algorithm)
{
    public static KernelModes Current => new(MatMulPrecisions.Current, ConvolutionAlgorithms.Current);
}
