using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;

namespace Gradwright.Bench;

internal static partial class BenchCases
{
    private static IEnumerable<BenchCase> TrainingSteps()
    {
        yield return Step("train_mlp_784_256_128_10_b128", "relu, CE, Adam", () => new Mlp(784, 256, 128, 10), [128, 784], 10);
        yield return Step("train_lenet5_28_b64", "c6k5p2-pool-c16k5-pool-400-120-84-10 relu, CE, Adam", () => new LeNet5(), [64, 1, 28, 28], 10);
        yield return Step("train_vggsmall_32_b64", "64,64,M,128,128,M,256,256,M k3p1 relu no BN,4096-256-10, Adam", () => new VggSmall(), [64, 3, 32, 32], 10);
        yield return Step("train_resnet18_32_b32", "torchvision stock stem k7s2+maxpool, 10 cls, Adam", () => new ResNet18(10), [32, 3, 32, 32], 10);
        yield return Step("train_resnet18_cifarstem_32_b32", "stem k3s1, no maxpool, 10 cls, Adam", () => new ResNet18(10, ResNetStem.Small), [32, 3, 32, 32], 10);
        yield return Step("train_resnet18_224_b4", "torchvision, 1000 cls, Adam", () => new ResNet18(), [4, 3, 224, 224], 1000);
        yield return BenchCase.Later("F", "train_resnet18_224_b4_chlast", "channels-last convolutions");
        yield return BenchCase.Later("F", "train_charlstm_h256x2_s64_b32", "recurrent layers");
        yield return TinyStep("train_tinymlp_2_16_16_1_b8", "relu, MSE, Adam", p => new Adam(p));
        yield return TinyStep("train_tinymlp_2_16_16_1_b8_foreach", "relu, MSE, Adam (all tensors in one call)", p => new Adam(p));
        yield return TinyStep("train_tinymlp_2_16_16_1_b8_sgd", "relu, MSE, SGD", p => new Sgd(p, 1e-3));
        yield return BenchCase.Later("F", "train_transformer3_d128_s64_b16", "attention");
    }

    private static BenchCase Step(string name, string parameters, Func<Module<Tensor, Tensor>> make, long[] shape, int classes) => new("F", name, parameters, () =>
    {
        Tensor x = Operand.Normal(shape), targets = Operand.Classes(shape[0], classes);
        return Step(make(), x, z => Loss.CrossEntropy(z, targets), p => new Adam(p));
    });

    private static BenchCase TinyStep(string name, string parameters, Func<IReadOnlyList<Tensor>, Optimizer> optimizer) => new("F", name, parameters, () =>
    {
        Tensor x = Operand.Normal(8, 2), y = Operand.Normal(8, 1);
        Sequential model = new(new Linear(2, 16), new ReLU(), new Linear(16, 16), new ReLU(), new Linear(16, 1));
        return Step(model, x, z => Loss.MeanSquaredError(z, y), optimizer);
    });

    private static Workload Step(Module<Tensor, Tensor> model, Tensor x, Func<Tensor, Tensor> loss, Func<IReadOnlyList<Tensor>, Optimizer> make)
    {
        double flops = 3 * ModelFlops(model, x);
        Optimizer optimizer = make(model.Parameters());
        return new(() =>
        {
            optimizer.ZeroGrad();
            using (Tape tape = new()) tape.Backward(loss(model.Forward(x)));
            optimizer.Step();
        }, flops);
    }

    private static IEnumerable<BenchCase> Inference()
    {
        foreach ((string name, Func<Module<Tensor, Tensor>> make) in ((string, Func<Module<Tensor, Tensor>>)[])[("resnet18", () => new ResNet18()), ("mobilenet_v2", () => new MobileNetV2())])
        {
            yield return new("G", $"infer_{name}_b1", "eval, no_grad, 224", () =>
            {
                Module<Tensor, Tensor> model = make();
                model.Eval();
                Tensor x = Operand.Normal(1, 3, 224, 224);
                return new(Fresh(() => model.Forward(x)), ModelFlops(model, x));
            });
            yield return BenchCase.Later("G", $"infer_{name}_b1_chlast", "channels-last convolutions");
            yield return BenchCase.Later("G", $"infer_{name}_b1_jitopt", "folding of norms into convolutions");
        }
    }

    /// <summary>Operations of the products and convolutions of one forward pass, as the peer counts them.</summary>
    private static double ModelFlops(Module<Tensor, Tensor> model, Tensor x)
    {
        double flops = 0;
        void Count(Module module, object? input, object? output)
        {
            Tensor? weight = module is Linear linear ? linear.Weight : module is Conv2D convolution ? convolution.Weight : null;
            if (weight is not null) flops += 2.0 * ((Tensor)output!).Count * weight.Count / weight.Shape[0];
        }

        List<Module> modules = [model];
        for (int i = 0; i < modules.Count; i++) modules.AddRange(modules[i].Children.Select(child => child.Module));
        foreach (Module module in modules) module.Forwarded += Count;
        using (new TensorScope()) model.Forward(x);
        foreach (Module module in modules) module.Forwarded -= Count;
        return flops;
    }
}
