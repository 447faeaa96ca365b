namespace Gradwright.Models;

/// <summary>
/// Eight residual blocks in four stages of 64 to 512 channels (He et al. 2016, "Deep residual learning for image recognition"),
/// [n, 3, h, w] → [n, classes]. State names are torchvision's (<c>layer1.0.conv1.weight</c>), so its checkpoints fit.
/// </summary>
public sealed class ResNet18 : Module<Tensor, Tensor>
{
    private readonly ResNetStem _stem;
    private readonly int _classes;
    private readonly Conv2D _conv1;
    private readonly BatchNorm2D _bn1;
    private readonly MaxPool2D? _maxpool;
    private readonly Sequential _layer1, _layer2, _layer3, _layer4;
    private readonly GlobalAveragePool2D _avgpool = new();
    private readonly Linear _fc;

    /// <summary>A network for so many classes.</summary>
    /// <param name="classes">Length of the result; 1000 classes make 11,689,512 parameters.</param>
    /// <param name="stem">What the first layers make of the image.</param>
    public ResNet18(int classes = 1000, ResNetStem stem = ResNetStem.Large)
    {
        (_classes, _stem) = (classes, stem);
        bool large = stem == ResNetStem.Large;
        _conv1 = new(3, 64, large ? 7 : 3, stride: large ? 2 : 1, padding: large ? 3 : 1, bias: false) { WeightInit = Init.KaimingNormal() };
        _bn1 = new(64);
        _maxpool = large ? new(3, stride: 2, padding: 1) : null;
        _layer1 = Stage(64, 64, stride: 1);
        _layer2 = Stage(64, 128, stride: 2);
        _layer3 = Stage(128, 256, stride: 2);
        _layer4 = Stage(256, 512, stride: 2);
        _fc = new(512, classes);
    }

    protected override Tensor ForwardCore(Tensor x)
    {
        Tensor y = _bn1.Forward(_conv1.Forward(x)).Relu();
        y = _maxpool is null ? y : _maxpool.Forward(y);
        y = _layer4.Forward(_layer3.Forward(_layer2.Forward(_layer1.Forward(y))));
        return _fc.Forward(_avgpool.Forward(y));
    }

    public override string ToString() => $"ResNet18({_classes}{(_stem == ResNetStem.Large ? "" : $", {_stem}")})";

    private static Sequential Stage(int inputs, int outputs, int stride) => new(new ResidualBlock(inputs, outputs, stride), new ResidualBlock(outputs, outputs));
}
