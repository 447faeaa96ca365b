namespace Gradwright.Layers;

/// <summary>Transposed convolution of sequences: [n, inputs, l] → [n, outputs, l′] with l′ = (l − 1)s − 2p + d(k − 1) + outputPadding + 1.</summary>
/// <inheritdoc cref="ConvolutionTranspose" path="/remarks"/>
public sealed class ConvTranspose1D : ConvolutionTranspose
{
    /// <summary>A transposed convolution between known numbers of channels; its weight is [inputs, outputs / groups, size…].</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="size">Length k of the window.</param>
    /// <param name="stride">Distance s between the windows that neighbours in x add to.</param>
    /// <param name="padding">Elements p cut off on each side of the result.</param>
    /// <param name="outputPadding">Elements more at the end, less than the stride.</param>
    /// <param name="dilation">Distance d between the window's elements.</param>
    /// <param name="groups">Channels are cut into so many groups that do not see each other.</param>
    /// <param name="bias">Whether a number per output channel is added.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public ConvTranspose1D(int inputs, int outputs, int size, int stride = 1, int padding = 0, int outputPadding = 0, int dilation = 1, int groups = 1, bool bias = true,
        DType dtype = DType.Float32)
        : this(outputs, size, stride, padding, outputPadding, dilation, groups, bias) => Create(inputs, dtype);

    /// <summary>A transposed convolution that learns the number of input channels, and the element type, from the first input. Three numbers are inputs, outputs and size: name the stride.</summary>
    /// <inheritdoc cref="ConvTranspose1D(int, int, int, int, int, int, int, int, bool, DType)"/>
    public ConvTranspose1D(int outputs, int size, int? stride = null, int padding = 0, int outputPadding = 0, int dilation = 1, int groups = 1, bool bias = true)
        : base(1, outputs, new(1, 1, size), new(1, 1, stride ?? 1), new(0, 0, padding), new(0, 0, outputPadding), new(1, 1, dilation), groups, bias) { }
}
