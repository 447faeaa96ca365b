namespace Gradwright.Layers;

/// <summary>
/// Transposed convolution along one to three axes: the gradient of a convolution with respect to its input, as a layer of its own (Zeiler et al. 2010). It enlarges
/// where the convolution makes smaller: [n, inputs, size…] → [n, outputs, size′…] with l′ = (l − 1)s − 2p + d(k − 1) + outputPadding + 1 along each axis.
/// </summary>
/// <remarks>
/// Padding cuts the result's border off, so there are no padding modes. The output padding must be less than the stride; PyTorch also takes one that is less
/// than the dilation alone.
/// </remarks>
public abstract class ConvolutionTranspose : ConvolutionLayer
{
    private readonly Size3 _padding, _outputPadding;

    private protected ConvolutionTranspose(int axes, int outputs, Size3 size, Size3 stride, Size3 padding, Size3 outputPadding, Size3 dilation, int groups, bool bias)
        : base(axes, outputs, size, stride, dilation, groups, bias)
    {
        (_padding, _outputPadding) = (padding, outputPadding);
        if (Least(padding) < 0) throw new ArgumentOutOfRangeException(nameof(padding), padding, $"{Name}: the padding is {Show(padding)}, but a border is 0 or wider.");
        if (Least(outputPadding) < 0 || outputPadding.Depth >= stride.Depth || outputPadding.Height >= stride.Height || outputPadding.Width >= stride.Width)
        {
            throw new ArgumentOutOfRangeException(nameof(outputPadding), outputPadding, $"{Name}: the output padding is {Show(outputPadding)}, the stride {Show(stride)}; it must be 0 or more "
                + "and less than the stride, since it tells apart the sizes that one stride maps to the same.");
        }
    }

    private protected override string Options => $"{Option("padding", _padding, 0)}{Option("outputPadding", _outputPadding, 0)}";

    private protected override (int First, int Second) WeightPlanes(int inputs) => (inputs, Outputs / Groups);

    private protected override Tensor Run(Tensor x) => Axes switch
    {
        1 => x.ConvolutionTranspose1D(Weight, Bias, Stride.Width, _padding.Width, _outputPadding.Width, Dilation.Width, Groups),
        2 => x.ConvolutionTranspose2D(Weight, Bias, Plane(Stride), Plane(_padding), Plane(_outputPadding), Plane(Dilation), Groups),
        _ => x.ConvolutionTranspose3D(Weight, Bias, Stride, _padding, _outputPadding, Dilation, Groups),
    };
}
