namespace Gradwright.Models;

/// <summary>
/// Three pairs of 3×3 convolutions with 64, 128 and 256 filters, each pair followed by a pooling, and two linear maps:
/// Simonyan and Zisserman's pattern (2015) cut down to images of 32×32, [n, 3, 32, 32] → [n, classes].
/// </summary>
public sealed class VggSmall : Module<Tensor, Tensor>
{
    private readonly Sequential _features, _classifier;
    private readonly int _classes;

    /// <summary>A network for so many classes.</summary>
    public VggSmall(int classes = 10)
    {
        _classes = classes;
        _features = new([.. Stage(3, 64), .. Stage(64, 128), .. Stage(128, 256), new Flatten()]);
        _classifier = new(new Linear(256 * 4 * 4, 256), new ReLU(), new Linear(256, classes));
    }

    protected override Tensor ForwardCore(Tensor x) => _classifier.Forward(_features.Forward(x));
    public override string ToString() => $"VggSmall({_classes})";

    /// <summary>Half the height and width, another number of channels.</summary>
    private static Module<Tensor, Tensor>[] Stage(int inputs, int outputs) =>
    [
        new Conv2D(inputs, outputs, 3, padding: 1), new ReLU(),
        new Conv2D(outputs, outputs, 3, padding: 1), new ReLU(),
        new MaxPool2D(2),
    ];
}
