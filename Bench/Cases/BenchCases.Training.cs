using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;

namespace Gradwright.Bench;

internal static partial class BenchCases
{
    private static IEnumerable<BenchCase> TrainingSteps() =>
    [
        .. Step("train_mlp_784_256_128_10_b128", "relu, CE, Adam", () => new Mlp(784, 256, 128, 10), [128, 784], 10),
        .. Step("train_lenet5_28_b64", "c6k5p2-pool-c16k5-pool-400-120-84-10 relu, CE, Adam", () => new LeNet5(), [64, 1, 28, 28], 10),
        .. Step("train_vggsmall_32_b64", "64,64,M,128,128,M,256,256,M k3p1 relu no BN,4096-256-10, Adam", () => new VggSmall(), [64, 3, 32, 32], 10),
        .. Step("train_resnet18_32_b32", "torchvision stock stem k7s2+maxpool, 10 cls, Adam", () => new ResNet18(10), [32, 3, 32, 32], 10),
        .. Step("train_resnet18_cifarstem_32_b32", "stem k3s1, no maxpool, 10 cls, Adam", () => new ResNet18(10, ResNetStem.Small), [32, 3, 32, 32], 10),
        .. Step("train_resnet18_224_b4", "torchvision, 1000 cls, Adam", () => new ResNet18(), [4, 3, 224, 224], 1000),
        .. Step("train_resnet18_224_b4_chlast", "channels_last", () => new ResNet18(), [4, 3, 224, 224], 1000, channelsLast: true),
        .. SequenceStep("train_charlstm_h256x2_s64_b32", "vocab65 emb64, Adam", () => new CharLstm(65), 32, 2.0 * 2048 * (4 * 256 * (320 + 512) + 256 * 65)),
        .. TinyStep("train_tinymlp_2_16_16_1_b8", "relu, MSE, Adam", p => new Adam(p)),
        .. TinyStep("train_tinymlp_2_16_16_1_b8_foreach", "relu, MSE, Adam (all tensors in one call)", p => new Adam(p)),
        .. TinyStep("train_tinymlp_2_16_16_1_b8_sgd", "relu, MSE, SGD", p => new Sgd(p, 1e-3)),
        .. SequenceStep("train_transformer3_d128_s64_b16", "post-LN, ffn512 relu, no mask, no dropout, emb65+pos, head 65, Adam", () => new TextTransformer(65, 64, dropout: 0), 16,
            3 * (2.0 * 1024 * 128 * 128 * 4 + 2.0 * 1024 * 128 * 512 * 2 + 2.0 * 2 * 16 * 64 * 64 * 128) + 2.0 * 1024 * 128 * 65),
    ];

    private static IEnumerable<BenchCase> Step(string name, string parameters, Func<Module<Tensor, Tensor>> make, long[] shape, int classes, bool channelsLast = false) => EagerAndCaptured(name, parameters, () =>
    {
        Tensor x = channelsLast ? Operand.ChannelsLast(shape) : Operand.Normal(shape), targets = Operand.Classes(shape[0], classes);
        Module<Tensor, Tensor> model = make();
        return new(model, x, z => Loss.CrossEntropy(z, targets), new Adam(model.Parameters()), 3 * ModelFlops(model, x));
    });

    private static IEnumerable<BenchCase> SequenceStep(string name, string parameters, Func<Module<Tensor, Tensor>> make, int batch, double flops) => EagerAndCaptured(name, parameters, () =>
    {
        const int Length = 64, Vocabulary = 65;
        Tensor x = Operand.Classes(batch * Length, Vocabulary).Reshape(batch, Length), targets = Operand.Classes(batch * Length, Vocabulary);
        Module<Tensor, Tensor> model = make();
        return new(model, x, z => Loss.CrossEntropy(z.Reshape(-1, Vocabulary), targets), new Adam(model.Parameters()), 3 * flops);
    });

    private static IEnumerable<BenchCase> TinyStep(string name, string parameters, Func<IReadOnlyList<Tensor>, Optimizer> optimizer) => EagerAndCaptured(name, parameters, () =>
    {
        Tensor x = Operand.Normal(8, 2), y = Operand.Normal(8, 1);
        Sequential model = new(new Linear(2, 16), new ReLU(), new Linear(16, 16), new ReLU(), new Linear(16, 1));
        return new(model, x, z => Loss.MeanSquaredError(z, y), optimizer(model.Parameters()), 3 * ModelFlops(model, x));
    });

    /// <summary>A step of training as the peer takes it, run each time, and recorded once and repeated.</summary>
    private static IEnumerable<BenchCase> EagerAndCaptured(string name, string parameters, Func<TrainingStep> make)
    {
        yield return new("F", name, parameters, () =>
        {
            TrainingStep step = make();
            return new(() =>
            {
                using TensorScope scope = new();
                step.Run();
            }, step.Flops);
        });
        yield return new("F", name, parameters, () =>
        {
            TrainingStep step = make();
            CapturedStep captured = Capture.Of(step.Run);
            return new(() => captured.Run(), step.Flops);
        }) { Profile = "gradwright_captured" };
    }

    private sealed record TrainingStep(Module<Tensor, Tensor> Model, Tensor X, Func<Tensor, Tensor> Loss, Optimizer Optimizer, double Flops)
    {
        public Tensor Run()
        {
            Optimizer.ZeroGrad();
            using Tape tape = new();
            Tensor loss = Loss(Model.Forward(X));
            tape.Backward(loss);
            Optimizer.Step();
            return TensorScope.Keep(loss);
        }
    }

    private static IEnumerable<BenchCase> Inference()
    {
        foreach ((string name, Func<Module<Tensor, Tensor>> make) in ((string, Func<Module<Tensor, Tensor>>)[])[("resnet18", () => new ResNet18()), ("mobilenet_v2", () => new MobileNetV2())])
        {
            foreach (bool channelsLast in (bool[])[false, true])
            {
                Func<(Module<Tensor, Tensor>, Tensor)> prepare = () =>
                {
                    Module<Tensor, Tensor> model = make();
                    model.Eval();
                    return (model, channelsLast ? Operand.ChannelsLast(1, 3, 224, 224) : Operand.Normal(1, 3, 224, 224));
                };
                string full = $"infer_{name}_b1{(channelsLast ? "_chlast" : "")}", parameters = channelsLast ? "channels_last" : "eval, no_grad, 224";
                yield return new("G", full, parameters, () =>
                {
                    (Module<Tensor, Tensor> model, Tensor x) = prepare();
                    return new(Fresh(() => model.Forward(x)), ModelFlops(model, x));
                });
                yield return new("G", full, parameters, () =>
                {
                    (Module<Tensor, Tensor> model, Tensor x) = prepare();
                    CapturedStep captured = Capture.Of(() => model.Forward(x));
                    return new(() => captured.Run(), ModelFlops(model, x));
                }) { Profile = "gradwright_captured" };
            }

            yield return new("G", $"infer_{name}_b1_jitopt", "compiled: norms folded, memory planned", () =>
            {
                Module<Tensor, Tensor> model = make();
                model.Eval();
                Tensor x = Operand.Normal(1, 3, 224, 224);
                CapturedStep compiled = model.Compile();
                return new(() => compiled.Run(x), ModelFlops(model, x));
            });
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
