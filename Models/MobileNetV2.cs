namespace Gradwright.Models;

/// <summary>
/// Seventeen inverted residual blocks of depthwise convolutions (Sandler et al. 2018, "MobileNetV2: Inverted residuals and linear
/// bottlenecks"), [n, 3, h, w] → [n, classes]. State names are torchvision's (<c>features.1.conv.0.0.weight</c>).
/// </summary>
public sealed class MobileNetV2 : Module<Tensor, Tensor>
{
    // Expansion, channels, blocks and stride of the first block: table 2 of the paper.
    private static readonly (int Expansion, int Channels, int Blocks, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private readonly int _classes;
    private readonly Sequential _features, _classifier;

    /// <summary>A network for so many classes.</summary>
    /// <param name="classes">Length of the result; 1000 classes make 3,504,872 parameters.</param>
    /// <param name="dropout">Rate of the dropout before the last layer.</param>
    public MobileNetV2(int classes = 1000, double dropout = 0.2)
    {
        _classes = classes;
        List<Module<Tensor, Tensor>> features = [InvertedResidual.Normalized(3, 32, size: 3, stride: 2)];
        int channels = 32;
        foreach ((int expansion, int outputs, int blocks, int stride) in Stages)
        {
            for (int i = 0; i < blocks; i++)
            {
                features.Add(new InvertedResidual(channels, outputs, expansion, i == 0 ? stride : 1));
                channels = outputs;
            }
        }

        features.Add(InvertedResidual.Normalized(channels, 1280, size: 1));
        _features = new(features);
        _classifier = new(new Dropout(dropout), new Linear(1280, classes) { WeightInit = Init.Normal(), BiasInit = Init.Zeros });
    }

    protected override Tensor ForwardCore(Tensor x) => _classifier.Forward(_features.Forward(x).Mean([2, 3]));
    public override string ToString() => $"MobileNetV2({_classes})";
}
