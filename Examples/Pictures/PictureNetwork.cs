using Gradwright.Layers;

namespace Gradwright.Examples.Pictures;

/// <summary>A small convolutional network for colour pictures of any size, [n, 3, height, width] → scores [n, classes]: a mean over all places comes before the last layer.</summary>
internal static class PictureNetwork
{
    /// <summary>The smallest width and height, of which three poolings leave something.</summary>
    public const int LeastSide = 16;

    private const double DropoutRate = 0.2;

    public static Sequential Create(int classes, int width, ulong seed)
    {
        Sequential network = new(
        [
            .. Stage(3, width), .. Stage(width, 2 * width), .. Stage(2 * width, 4 * width),         // [n, 4 width, height / 8, width / 8]
            new Conv2D(4 * width, 4 * width, 3, padding: 1, bias: false), new BatchNorm2D(4 * width), new ReLU(),
            new GlobalAveragePool2D(), new Flatten(), new Dropout(DropoutRate), new Linear(4 * width, classes),
        ]);
        network.Initialize(new Generator(seed));
        return network;
    }

    private static Module<Tensor, Tensor>[] Stage(int inputs, int outputs) =>
        [new Conv2D(inputs, outputs, 3, padding: 1, bias: false), new BatchNorm2D(outputs), new ReLU(), new MaxPool2D(2)];
}
