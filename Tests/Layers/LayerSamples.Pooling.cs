using Gradwright.Checking;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public static partial class LayerSamples
{
    private static void AddPooling()
    {
        Operand sequence = new([2, 3, 7], -2, 2), picture = new([2, 3, 6, 5], -2, 2), volume = new([1, 2, 4, 5, 6], -2, 2);
        Sample(_ => new MaxPool1D(3, 2, 1), sequence);
        Sample(_ => new MaxPool2D(3, 2, 1, ceilMode: true), picture);
        Sample(_ => new MaxPool3D(2), volume);
        Sample(_ => new MaxPool3D((3, 2, 2), 2, (1, 0, 1), (1, 2, 1)), volume);
        Sample(_ => new AveragePool1D(3, 2, 1, countsPadding: false), sequence);
        Sample(_ => new AveragePool2D(3, 2, 1, ceilMode: true), picture);
        Sample(_ => new AveragePool3D(2), volume);
        Sample(_ => new AveragePool3D((3, 2, 2), 2, (1, 0, 1), ceilMode: true, countsPadding: false), volume);
        Sample(_ => new AdaptiveAveragePool1D(3), sequence);
        Sample(_ => new AdaptiveAveragePool2D((4, 3)), picture);
        Sample(_ => new AdaptiveAveragePool3D((3, 2, 4)), volume);
        Sample(_ => new AdaptiveMaxPool1D(3), sequence);
        Sample(_ => new AdaptiveMaxPool2D((4, 3)), picture);
        Sample(_ => new AdaptiveMaxPool3D((3, 2, 4)), volume);
        Sample(_ => new GlobalAveragePool1D(), sequence);
        Sample(_ => new GlobalAveragePool3D(), volume);
        Sample(_ => new GlobalMaxPool1D(), sequence);
        Sample(_ => new GlobalMaxPool2D(), picture);
        Sample(_ => new GlobalMaxPool3D(), volume);
        Sample(_ => new FractionalMaxPool2D(2, (4, 3)), picture);
        Sample(_ => new FractionalMaxPool2D(2, ratio: 0.7), picture);
        Sample(_ => new MaxPool1DWithIndices(2), (layer, x) => Both(layer.Forward(x[0])), sequence);
        Sample(_ => new MaxPool2DWithIndices(2, padding: 1), (layer, x) => Both(layer.Forward(x[0])), picture);
        Sample(_ => new MaxPool3DWithIndices(2), (layer, x) => Both(layer.Forward(x[0])), volume);
        Sample(_ => new MaxUnpool1D(2), (layer, x) => [layer.Forward(x[0], x[1])], sequence, Operand.Indices(sequence.Shape, 14));
        Sample(_ => new MaxUnpool2D(2, output: (13, 11)), (layer, x) => [layer.Forward(x[0], x[1])], picture, Operand.Indices(picture.Shape, 143));
        Sample(_ => new MaxUnpool3D(2), (layer, x) => [layer.Forward(x[0], x[1])], volume, Operand.Indices(volume.Shape, 8 * 120));
        Sample(_ => new Upsample(2), picture);
        Sample(_ => new Upsample([9, 4], Interpolation.Linear), picture);
        Sample(_ => new Upsample(2, Interpolation.Linear, alignCorners: true), sequence);
        Sample(_ => new Upsample(1.5, Interpolation.Linear), volume);
        Sample(_ => new Unfold(3, padding: 1), picture);
        Sample(_ => new Fold((6, 5), 2, stride: (2, 1)), new Operand([2, 12, 12], -2, 2));
        Sample(dtype => new SpatialTransformer(new Sequential(new Flatten(), new Linear(90, 6, dtype: dtype)), (4, 7)), picture);
        Operand boxes = new([3, 5]) { Values = [0, 0.3, 0.4, 9.1, 7.7, 1, 2, 1.2, 7.3, 11, 1, 4.2, 3.1, 5, 4] };
        _all.Add(Of(_ => new RoiAlign((2, 3), 0.5), (layer, x) => [layer.Forward(x[0], x[1])], picture, boxes) with { Constants = [1] });
        _all.Add(Of(_ => new RoiPool((2, 3), 0.5), (layer, x) => [layer.Forward(x[0], x[1])], picture, boxes) with { Constants = [1] });
    }

    private static Tensor[] Both((Tensor First, Tensor Second) pair) => [pair.First, pair.Second];
}
