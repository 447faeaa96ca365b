namespace Gradwright.Models;

/// <summary>
/// 1×1 expansion, 3×3 depthwise convolution, 1×1 projection without a nonlinearity (Sandler et al. 2018); plus x where the shape stays.
/// [n, inputs, h, w] → [n, outputs, h / stride, w / stride].
/// </summary>
public sealed class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly int _inputs, _outputs, _expansion, _stride;
    private readonly Sequential _conv;

    /// <summary>A block between these numbers of channels.</summary>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="expansion">How many times more channels the depthwise convolution sees.</param>
    /// <param name="stride">Of the depthwise convolution.</param>
    public InvertedResidual(int inputs, int outputs, int expansion, int stride = 1)
    {
        (_inputs, _outputs, _expansion, _stride) = (inputs, outputs, expansion, stride);
        int hidden = inputs * expansion;
        _conv = new(
        [
            .. expansion == 1 ? Array.Empty<Module<Tensor, Tensor>>() : [Normalized(inputs, hidden, size: 1)],
            Normalized(hidden, hidden, size: 3, stride, groups: hidden),
            Convolution(hidden, outputs, 1),
            new BatchNorm2D(outputs),
        ]);
    }

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor y = _conv.Forward(x);
        return _stride == 1 && _inputs == _outputs ? x + y : y;
    }

    public override string ToString() => $"InvertedResidual({_inputs} → {_outputs}, expansion: {_expansion}{(_stride == 1 ? "" : $", stride: {_stride}")})";

    /// <summary>Convolution, batch norm, and a rectifier that ends at 6.</summary>
    internal static Sequential Normalized(int inputs, int outputs, int size, int stride = 1, int groups = 1)
        => new(Convolution(inputs, outputs, size, stride, groups), new BatchNorm2D(outputs), new ReLU6());

    private static Conv2D Convolution(int inputs, int outputs, int size, int stride = 1, int groups = 1)
        => new(inputs, outputs, size, stride, padding: size / 2, groups: groups, bias: false) { WeightInit = Init.KaimingNormal() };
}
