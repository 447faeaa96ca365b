namespace Gradwright.Layers;

/// <summary>Convolution (cross-correlation) of sequences: [n, inputs, l] → [n, outputs, l′] with l′ = ⌊(l + 2p − d(k − 1) − 1)/s⌋ + 1.</summary>
public sealed class Conv1D : Convolution
{
    /// <summary>A convolution between known numbers of channels.</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="size">Length k of the window.</param>
    /// <param name="stride">Distance s between windows.</param>
    /// <param name="padding">Elements p of border at each end; 0 by default.</param>
    /// <param name="dilation">Distance d between the window's elements.</param>
    /// <param name="groups">Channels are cut into so many groups that do not see each other; as many as inputs is a depthwise convolution.</param>
    /// <param name="bias">Whether a number per output channel is added.</param>
    /// <param name="paddingMode">What the border is made of.</param>
    /// <param name="paddingValue">The number, if it is a number: 0, or the data's mean.</param>
    /// <param name="exact">Whether an l for which (l + 2p − d(k − 1) − 1)/s is not whole is an error, rather than leaving the last elements out.</param>
    /// <param name="dtype">The type of the parameters.</param>
    public Conv1D(int inputs, int outputs, int size, int stride = 1, Padding? padding = null, int dilation = 1, int groups = 1, bool bias = true,
        PadMode paddingMode = PadMode.Constant, double paddingValue = 0, bool exact = false, DType dtype = DType.Float32)
        : this(outputs, size, stride, padding, dilation, groups, bias, paddingMode, paddingValue, exact) => Create(inputs, dtype);

    /// <summary>A convolution that learns the number of input channels, and the element type, from the first input. Three numbers are inputs, outputs and size: name the stride.</summary>
    /// <inheritdoc cref="Conv1D(int, int, int, int, Padding?, int, int, bool, PadMode, double, bool, DType)"/>
    public Conv1D(int outputs, int size, int? stride = null, Padding? padding = null, int dilation = 1, int groups = 1, bool bias = true,
        PadMode paddingMode = PadMode.Constant, double paddingValue = 0, bool exact = false)
        : base(1, outputs, new(1, 1, size), new(1, 1, stride ?? 1), padding ?? 0, new(1, 1, dilation), groups, bias, paddingMode, paddingValue, exact) { }
}
