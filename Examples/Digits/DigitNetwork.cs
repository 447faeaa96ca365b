using Gradwright.Layers;

namespace Gradwright.Examples.Digits;

/// <summary>A small convolutional network for 28×28 gray images: [n, 1, 28, 28] → scores [n, 10].</summary>
internal static class DigitNetwork
{
    public const int Side = 28, Classes = 10;

    public static Sequential Create(ulong seed)
    {
        Sequential network = new(
            new Conv2D(1, 16, 5), new ReLU(), new MaxPool2D(2),         // [n, 16, 12, 12]
            new Conv2D(16, 32, 5), new ReLU(), new MaxPool2D(2),        // [n, 32, 4, 4]
            new Flatten(), new Dropout(0.25),
            new Linear(32 * 4 * 4, 128), new ReLU(), new Dropout(0.25),
            new Linear(128, Classes));
        network.Initialize(new Generator(seed));
        return network;
    }

    /// <summary>The filters of the first layer, [count, 1, height, width].</summary>
    public static Tensor FirstFilters(Sequential network) => ((Conv2D)network[0]).Weight;
}
