using Gradwright.Checking;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public static partial class LayerSamples
{
    private static void AddBasic()
    {
        Operand features = new([5, 7], -2, 2), pictures = new([2, 3, 6, 5], -2, 2);
        Sample(dtype => new Linear(7, 4, dtype: dtype), features);
        Sample(_ => new ReLU(), features);
        Sample(_ => new ReLU6(), new Operand([5, 7], -3, 9));
        Sample(_ => new LeakyReLU(), features);
        Sample(_ => new ELU(), features);
        Sample(_ => new SELU(), features);
        Sample(_ => new GELU(), features);
        Sample(_ => new SiLU(), features);
        Sample(_ => new Softplus(), features);
        Sample(_ => new Tanh(), features);
        Sample(_ => new Sigmoid(), features);
        Sample(_ => new Softmax(), features);
        Sample(_ => new LogSoftmax(), features);
        Sample(_ => new Dropout(0.4), features);
        Sample(_ => new Flatten(), pictures);
        Sample(_ => new MaxPool2D(2), pictures);
        Sample(_ => new AveragePool2D(2), pictures);
        Sample(_ => new GlobalAveragePool2D(), pictures);
        Sample(dtype => new Conv2D(3, 4, 3, padding: 1, dtype: dtype), pictures);
        Sample(dtype => new BatchNorm1D(7, dtype: dtype), features);
        Sample(dtype => new BatchNorm2D(3, dtype: dtype), pictures);
        _all.Add(Of(dtype => new Checkpointed(new Sequential(new Linear(7, 3, dtype: dtype), new Tanh(), new Dropout(0.3))), (layer, x) => [layer.Forward(x[0])], features) with { TwiceDifferentiable = false });
        Sample(dtype => new Sequential(new Linear(7, 3, dtype: dtype), new Tanh(), new Linear(3, 2, dtype: dtype)), features);
    }
}
