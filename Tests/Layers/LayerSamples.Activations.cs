using Gradwright.Checking;
using Gradwright.Layers;

namespace Gradwright.Tests.Layers;

public static partial class LayerSamples
{
    private static void AddActivations()
    {
        Operand features = new([5, 7], -2, 2), wide = new([5, 7], -5, 5), pictures = new([2, 3, 4, 5], -2, 2);
        Sample(_ => new Sigmoid(2.5), features);
        Sample(_ => new GELU(tanh: true), features);
        Sample(_ => new Softplus(3), features);
        Sample(_ => new HardSigmoid(), wide);
        Sample(_ => new HardSwish(), wide);
        Sample(_ => new Mish(), wide);
        Sample(_ => new Swish(1.5), features);
        Sample(dtype => new Swish(1.5, learnt: true, dtype: dtype), features);
        Sample(dtype => new PReLU(dtype: dtype), features);
        Sample(dtype => new PReLU(3, dtype: dtype), pictures);
        Sample(_ => new Softmax(1), pictures);
        Sample(_ => new LogSoftmax(1), pictures);
        Sample(dtype => new Maxout(7, 3, 4, dtype: dtype), features);
    }
}
