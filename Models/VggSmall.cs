namespace Gradwright.Models;

/// <summary>
/// Three pairs of 3×3 convolutions, each pair followed by a pooling, and two linear maps: Simonyan and Zisserman's pattern (2015) cut down to images of 32×32,
/// [n, 3, 32, 32] → [n, classes]. The usual width is 64, 128 and 256 filters.
/// </summary>
public sealed class VggSmall : Module<Tensor, Tensor>
{
    private readonly Sequential _features, _classifier;
    private readonly int _classes, _width;
    private readonly bool _batchNorm;
    private readonly double _dropout;

    /// <summary>A network for so many classes.</summary>
    /// <param name="classes">Length of the result.</param>
    /// <param name="width">Filters of the first pair; the second has twice, the third four times as many.</param>
    /// <param name="batchNorm">Normalise after each convolution, which then has no bias: it trains in far fewer steps.</param>
    /// <param name="dropout">The share of features that are dropped before each linear map.</param>
    public VggSmall(int classes = 10, int width = 64, bool batchNorm = false, double dropout = 0)
    {
        (_classes, _width, _batchNorm, _dropout) = (classes, width, batchNorm, dropout);
        _features = new([.. Stage(3, width), .. Stage(width, 2 * width), .. Stage(2 * width, 4 * width), new Flatten()]);
        _classifier = new([.. Dropout(), new Linear(4 * width * 4 * 4, 4 * width), new ReLU(), .. Dropout(), new Linear(4 * width, classes)]);
    }

    protected override Tensor ForwardCore(Tensor x) => _classifier.Forward(_features.Forward(x));

    public override string ToString() =>
        $"VggSmall({_classes}{(_width == 64 ? "" : $", width: {_width}")}{(_batchNorm ? ", batchNorm: true" : "")}{(_dropout == 0 ? "" : $", dropout: {_dropout}")})";

    /// <summary>Half the height and width, another number of channels.</summary>
    private Module<Tensor, Tensor>[] Stage(int inputs, int outputs) => [.. Convolution(inputs, outputs), .. Convolution(outputs, outputs), new MaxPool2D(2)];

    private Module<Tensor, Tensor>[] Convolution(int inputs, int outputs) => _batchNorm
        ? [new Conv2D(inputs, outputs, 3, padding: 1, bias: false), new BatchNorm2D(outputs), new ReLU()]
        : [new Conv2D(inputs, outputs, 3, padding: 1), new ReLU()];

    private Module<Tensor, Tensor>[] Dropout() => _dropout == 0 ? [] : [new Dropout(_dropout)];
}
