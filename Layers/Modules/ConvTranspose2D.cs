namespace Gradwright.Layers;

/// <summary>Transposed convolution of pictures: [n, inputs, h, w] → [n, outputs, h′, w′] with h′ = (h − 1)s − 2p + d(k − 1) + outputPadding + 1.</summary>
/// <inheritdoc cref="ConvolutionTranspose" path="/remarks"/>
public sealed class ConvTranspose2D : ConvolutionTranspose
{
    /// <summary>A transposed convolution between known numbers of channels; its weight is [inputs, outputs / groups, size…].</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="size">Height and width k of the window.</param>
    /// <param name="stride">Distance s between the windows that neighbours in x add to; 1 by default.</param>
    /// <param name="padding">Rows and columns p cut off on each side of the result; 0 by default.</param>
    /// <param name="outputPadding">Rows and columns more at the end, less than the stride; 0 by default.</param>
    /// <param name="dilation">Distance d between the window's elements; 1 by default.</param>
    /// <param name="groups">Channels are cut into so many groups that do not see each other.</param>
    /// <param name="bias">Whether a number per output channel is added.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public ConvTranspose2D(int inputs, int outputs, Size2 size, Size2? stride = null, Size2? padding = null, Size2? outputPadding = null, Size2? dilation = null, int groups = 1, bool bias = true,
        DType dtype = DType.Float32)
        : this(outputs, size, stride, padding, outputPadding, dilation, groups, bias) => Create(inputs, dtype);

    /// <summary>A transposed convolution that learns the number of input channels, and the element type, from the first input.</summary>
    /// <inheritdoc cref="ConvTranspose2D(int, int, Size2, Size2?, Size2?, Size2?, Size2?, int, bool, DType)"/>
    public ConvTranspose2D(int outputs, Size2 size, Size2? stride = null, Size2? padding = null, Size2? outputPadding = null, Size2? dilation = null, int groups = 1, bool bias = true)
        : base(2, outputs, Volume(size), Volume(stride ?? 1), Volume(padding ?? 0, 0), Volume(outputPadding ?? 0, 0), Volume(dilation ?? 1), groups, bias) { }
}
