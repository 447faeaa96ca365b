namespace Gradwright.Models;

/// <summary>
/// Two convolutions and three linear maps for images of digits (LeCun et al. 1998, "Gradient-based learning applied to document
/// recognition"), with every map of the second convolution connected to all of the first: 61,706 parameters for ten classes.
/// </summary>
public sealed class LeNet5 : Module<Tensor, Tensor>
{
    private readonly Sequential _features, _classifier;
    private readonly int _classes;
    private readonly bool _classic;

    /// <summary>A network for one-channel images.</summary>
    /// <param name="classes">Length of the result.</param>
    /// <param name="classic">
    /// True: tanh and average pooling on [n, 1, 32, 32], as in 1998. False: rectifiers and max pooling on [n, 1, 28, 28], which is as if padded to 32.
    /// </param>
    public LeNet5(int classes = 10, bool classic = false)
    {
        (_classes, _classic) = (classes, classic);
        _features = new(
            new Conv2D(1, 6, 5, padding: classic ? 0 : 2), Activation(), Pooling(),     // [n, 6, 14, 14]
            new Conv2D(6, 16, 5), Activation(), Pooling(),                              // [n, 16, 5, 5]
            new Flatten());
        _classifier = new(new Linear(400, 120), Activation(), new Linear(120, 84), Activation(), new Linear(84, classes));
    }

    protected override Tensor ForwardCore(Tensor x) => _classifier.Forward(_features.Forward(x));
    public override string ToString() => $"LeNet5({_classes}{(_classic ? ", classic: true" : "")})";

    private Module<Tensor, Tensor> Activation() => _classic ? new Tanh() : new ReLU();
    private Module<Tensor, Tensor> Pooling() => _classic ? new AveragePool2D(2) : new MaxPool2D(2);
}
