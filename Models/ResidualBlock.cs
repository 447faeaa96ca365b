namespace Gradwright.Models;

/// <summary>
/// relu(x + f(x)) with two 3×3 convolutions in f (He et al. 2016): [n, inputs, h, w] → [n, outputs, h / stride, w / stride]. Where the
/// shape changes, a 1×1 convolution brings x to the new one.
/// </summary>
public sealed class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly int _inputs, _outputs, _stride;
    private readonly Conv2D _conv1;
    private readonly BatchNorm2D _bn1;
    private readonly Conv2D _conv2;
    private readonly BatchNorm2D _bn2;
    private readonly Sequential? _downsample;

    /// <summary>A block between these numbers of channels.</summary>
    public ResidualBlock(int inputs, int outputs, int stride = 1)
    {
        (_inputs, _outputs, _stride) = (inputs, outputs, stride);
        _conv1 = Convolution(inputs, outputs, 3, stride);
        _bn1 = new(outputs);
        _conv2 = Convolution(outputs, outputs, 3, 1);
        _bn2 = new(outputs);
        if (inputs != outputs || stride != 1) _downsample = new(Convolution(inputs, outputs, 1, stride), new BatchNorm2D(outputs));
    }

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor f = _bn1.Forward(_conv1.Forward(x)).Relu();
        f = _bn2.Forward(_conv2.Forward(f));
        return (f + (_downsample?.Forward(x) ?? x)).Relu();
    }

    public override string ToString() => $"ResidualBlock({_inputs} → {_outputs}{(_stride == 1 ? "" : $", stride: {_stride}")})";

    private static Conv2D Convolution(int inputs, int outputs, int size, int stride)
        => new(inputs, outputs, size, stride, padding: size / 2, bias: false) { WeightInit = Init.KaimingNormal() };
}
