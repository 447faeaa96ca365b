using Gradwright.Layers;
using NUnit.Framework;

namespace Gradwright.Tests.Fixtures;

[InTensorScope]
public sealed class ActivationFixtureTests
{
    [TestCaseSource(typeof(Fixture), nameof(Fixture.Cases), ["activation", ""])]
    public void Activations_agree_with_an_independent_implementation(Fixture fixture)
    {
        switch (fixture.Name)
        {
            case "learnt Swish": fixture.Check(x => [x[0].Swish(x[1])]); break;
            case "Maxout": fixture.Check(x => [x[0].MatMul(x[1].Transpose(), x[2]).Maxout(4)]); break;
            case "PReLU" or "PReLU per channel": fixture.Check(dtype => new PReLU(fixture.Integer("channels"), dtype: dtype)); break;
            default: fixture.Check(_ => Make(fixture.Name)); break;
        }
    }

    private static Module<Tensor, Tensor> Make(string name) => name switch
    {
        "ReLU" => new ReLU(),
        "ReLU6" => new ReLU6(),
        "LeakyReLU" => new LeakyReLU(),
        "ELU" => new ELU(),
        "SELU" => new SELU(),
        "Tanh" => new Gradwright.Layers.Tanh(),
        "Sigmoid" => new Sigmoid(),
        "steep Sigmoid" => new Sigmoid(2.5),
        "Softplus" => new Softplus(),
        "sharp Softplus" => new Softplus(3),
        "GELU" => new GELU(),
        "GELU through tanh" => new GELU(tanh: true),
        "SiLU" => new SiLU(),
        "Swish" => new Swish(1.5),
        "HardSigmoid" => new HardSigmoid(),
        "HardSwish" => new HardSwish(),
        "Mish" => new Mish(),
        "Softmax" => new Softmax(),
        "LogSoftmax" => new LogSoftmax(),
        _ => throw new ArgumentException($"There is no layer for {name}."),
    };
}
