using Gradwright.Checking;
using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Tests.Autograd;

/// <summary>A small network with everything that changes from step to step, its data and its step: for tests of captured steps.</summary>
internal static class CapturedNetwork
{
    public static Sequential Network()
    {
        Sequential model = new(new Conv2D(1, 6, 3, padding: 1), new BatchNorm2D(6), new ReLU(), new MaxPool2D(2), new Dropout(0.3), new Flatten(), new Linear(6 * 4 * 4, 20), new Tanh(), new Dropout(0.2), new Linear(20, 5));
        model.Initialize(new Generator(3));
        return model;
    }

    public static (Tensor X, Tensor Y) Batch(int step, int batch = 8)
    {
        Generator generator = new Generator(11).Fork((ulong)step);
        return (Tensor.Normal([batch, 1, 8, 8], generator), Tensor.RandomIntegers([batch], generator, 0, 5));
    }

    public static Tensor Step(Sequential model, Optimizer optimizer, Tensor x, Tensor y)
    {
        using Tape tape = new();
        Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
        optimizer.ZeroGrad();
        tape.Backward(loss);
        Clip.ByNorm(model.Parameters(), 0.5);
        optimizer.Step();
        return TensorScope.Keep(loss);
    }

    public static double[][] State(Module model) => [.. model.StateDictionary().Values.Select(HostValues.Of)];
}
