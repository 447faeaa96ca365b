namespace Gradwright.Layers;

/// <summary>Convolution (cross-correlation) of pictures: [n, inputs, h, w] → [n, outputs, h′, w′] with h′ = ⌊(h + 2p − d(k − 1) − 1)/s⌋ + 1.</summary>
public sealed class Conv2D : Convolution
{
    /// <summary>A convolution between known numbers of channels.</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="size">Height and width k of the window.</param>
    /// <param name="stride">Distance s between windows; 1 by default.</param>
    /// <param name="padding">Rows and columns p of border on each side; 0 by default.</param>
    /// <param name="dilation">Distance d between the window's elements; 1 by default.</param>
    /// <param name="groups">Channels are cut into so many groups that do not see each other; as many as inputs is a depthwise convolution.</param>
    /// <param name="bias">Whether a number per output channel is added.</param>
    /// <param name="paddingMode">What the border is made of.</param>
    /// <param name="paddingValue">The number, if it is a number: 0, or the data's mean.</param>
    /// <param name="exact">Whether an h for which (h + 2p − d(k − 1) − 1)/s is not whole is an error, rather than leaving the last rows or columns out.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public Conv2D(int inputs, int outputs, Size2 size, Size2? stride = null, Padding? padding = null, Size2? dilation = null, int groups = 1, bool bias = true,
        PadMode paddingMode = PadMode.Constant, double paddingValue = 0, bool exact = false, DType dtype = DType.Float32)
        : this(outputs, size, stride, padding, dilation, groups, bias, paddingMode, paddingValue, exact) => Create(inputs, dtype);

    /// <summary>A convolution that learns the number of input channels, and the element type, from the first input.</summary>
    /// <inheritdoc cref="Conv2D(int, int, Size2, Size2?, Padding?, Size2?, int, bool, PadMode, double, bool, DType)"/>
    public Conv2D(int outputs, Size2 size, Size2? stride = null, Padding? padding = null, Size2? dilation = null, int groups = 1, bool bias = true,
        PadMode paddingMode = PadMode.Constant, double paddingValue = 0, bool exact = false)
        : base(2, outputs, Volume(size), Volume(stride ?? 1), padding ?? 0, Volume(dilation ?? 1), groups, bias, paddingMode, paddingValue, exact) { }
}
