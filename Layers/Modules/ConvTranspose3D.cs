namespace Gradwright.Layers;

/// <summary>Transposed convolution of volumes: [n, inputs, d, h, w] → [n, outputs, d′, h′, w′] with h′ = (h − 1)s − 2p + d(k − 1) + outputPadding + 1, and so on.</summary>
/// <inheritdoc cref="ConvolutionTranspose" path="/remarks"/>
public sealed class ConvTranspose3D : ConvolutionTranspose
{
    /// <summary>A transposed convolution between known numbers of channels; its weight is [inputs, outputs / groups, size…].</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="size">Depth, height and width k of the window.</param>
    /// <param name="stride">Distance s between the windows that neighbours in x add to; 1 by default.</param>
    /// <param name="padding">Planes, rows and columns p cut off on each side of the result; 0 by default.</param>
    /// <param name="outputPadding">Planes, rows and columns more at the end, less than the stride; 0 by default.</param>
    /// <param name="dilation">Distance d between the window's elements; 1 by default.</param>
    /// <param name="groups">Channels are cut into so many groups that do not see each other.</param>
    /// <param name="bias">Whether a number per output channel is added.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public ConvTranspose3D(int inputs, int outputs, Size3 size, Size3? stride = null, Size3? padding = null, Size3? outputPadding = null, Size3? dilation = null, int groups = 1, bool bias = true,
        DType dtype = DType.Float32)
        : this(outputs, size, stride, padding, outputPadding, dilation, groups, bias) => Create(inputs, dtype);

    /// <summary>A transposed convolution that learns the number of input channels, and the element type, from the first input.</summary>
    /// <inheritdoc cref="ConvTranspose3D(int, int, Size3, Size3?, Size3?, Size3?, Size3?, int, bool, DType)"/>
    public ConvTranspose3D(int outputs, Size3 size, Size3? stride = null, Size3? padding = null, Size3? outputPadding = null, Size3? dilation = null, int groups = 1, bool bias = true)
        : base(3, outputs, size, stride ?? 1, padding ?? 0, outputPadding ?? 0, dilation ?? 1, groups, bias) { }
}
