using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Models and data that the doctor had not seen when its checks were written, unlike those of the ward; docs/doctor.md tells how it did at first sight.</summary>
internal static class Newcomers
{
    private const int Window = RealSamples.Window, Nodes = NewcomerData.Nodes, Length = NewcomerData.Length;

    // On generated data.
    private static readonly string[] _generated = ["squeeze", "bidirectional", "selu", "graph", "temporal", "mixer", "segmentation", "gated"];

    // On real data, skipped where there are none.
    private static readonly string[] _real = ["digit rows", "houses", "cells", "dense", "resnext", "text cnn", "two grus", "flowers", "wines", "diabetes"];

    /// <summary>Both.</summary>
    public static readonly TaskSet Set = new([.. _generated, .. _real], Of, 21, () => new Crooked(), nameof(Crooked), "CrookedSwish")
    {
        NotApplicable =
        [
            ("gated", Fault.SoftmaxTwice, "its loss applies none"),
            ("houses", Fault.SoftmaxTwice, "its loss applies none"),
            ("diabetes", Fault.SoftmaxTwice, "its loss applies none"),
        ],
    };

    private static TaskPlan Of(string name, bool shuffled) => _generated.Contains(name) ? OfGenerated(name, shuffled) : OfReal(name, shuffled);

    private static TaskPlan OfGenerated(string name, bool shuffled) => name switch
    {
        "squeeze" => new(m => new Sequential(new Conv2D(1, 12, 3, stride: 2, bias: false), new BatchNorm2D(12), new SiLU(),
            new Residual(new Sequential(new Conv2D(12, 12, 3, padding: 1, groups: 12), new BatchNorm2D(12), new HardSwish(), new SqueezeExcite(12, 4), new Conv2D(12, 12, 1))),
            m, new Conv2D(12, 24, 3), new SiLU(), new GlobalAveragePool2D(), new Linear(24, 10)), Classes, GeneratedData.Digits(2, shuffled), p => new RmsProp(p, 1e-3), 12, Signal.Images),
        "bidirectional" => new(m => new Sequential(new Embedding(NewcomerData.Letters, 8), new Recurrent(new LSTM(8, 12, bidirectional: true, batchFirst: true)),
            new Lambda(y => y.Mean(1), "mean"), m, new Dropout(0.1), new Linear(24, 3)), Classes, NewcomerData.Counts(shuffled), p => new Adam(p, 5e-3), 24, Signal.Features),
        "selu" => new(m => new Sequential(new Linear(5, 128) { WeightInit = Init.LeCunNormal() }, new SELU(), m, new AlphaDropout(0.05), new Linear(128, 3) { WeightInit = Init.LeCunNormal() }),
            Classes, NewcomerData.Shells(shuffled), p => new Sgd(p, 0.1), 128, Signal.Features),
        "graph" => new(m => new Sequential(new RingConvolution(3, 24), new ReLU(), m, new RingConvolution(24, 24), new ReLU(), new Lambda(y => y.Mean(1), "mean"), new Linear(24, 3)),
            Classes, NewcomerData.Rings(shuffled), p => new Adam(p, 1e-2), 24, Signal.Features),
        "temporal" => new(m => new Sequential(new Conv1D(1, 12, 3, padding: 1), new InstanceNorm1D(12, affine: true), new PReLU(12), m,
            new Residual(new Sequential(new Conv1D(12, 12, 3, padding: 2, dilation: 2), new PReLU(), new Conv1D(12, 12, 3, padding: 4, dilation: 4))), new PReLU(12), new GlobalMaxPool1D(), new Linear(12, 3)),
            (y, t) => Loss.CrossEntropy(y, t, labelSmoothing: 0.1), NewcomerData.Bumps(shuffled), p => new AdamW(p, 3e-3, weightDecay: 0.05), 12, Signal.Sequences),
        "mixer" => new(m => new Sequential(new Conv2D(1, 24, 3, stride: 3), new Flatten(2), new Lambda(y => y.Transpose(1, 2), "tokens"), new Mixer(16, 24, 32), m, new Mixer(16, 24, 32),
            new LayerNorm(24), new Lambda(y => y.Mean(1), "mean"), new Linear(24, 4)), Classes, NewcomerData.Spots(shuffled), p => new Lamb(p, 1e-2), 24, Signal.Features),
        "segmentation" => new(m => new SmallUNet(8, 3, m), Classes, NewcomerData.Masks(shuffled), p => new NAdam(p, 3e-3), 8, Signal.Images) { Second = new Softmax(1) },
        "gated" => new(m => new Sequential(new Gated(3, 32), new LayerNorm(32), m, new Gated(32, 32), new Linear(32, 1)), Pinball, NewcomerData.Surface(shuffled), p => new Muon(p, 0.01), 32, Signal.Features),
        _ => throw new ArgumentException(name),
    };

    private static TaskPlan OfReal(string name, bool shuffled) => name switch
    {
        "digit rows" => new(m => new Sequential(new Linear(8, 32), new LearntPositions(8, 32), new Encoder(new TransformerEncoder(2, 32, 2, 64, 0.1, TransformerActivation.GELU, normFirst: true)), m,
            new Lambda(y => y.Mean(1), "mean"), new Linear(32, 10)), Classes, RealSamples.Digits(shuffled),
            p => new AdamW(p, 3e-3) { Schedule = Schedule.Warmup(20).Then(Schedule.Cosine(3e-3, 1000)) }, 32, Signal.Features),
        "houses" => new(m => new Sequential(new Linear(8, 48), new BatchNorm1D(48), new ReLU(), m, new Linear(48, 24), new BatchNorm1D(24), new ReLU(), new Linear(24, 1)),
            (y, t) => Loss.Huber(y, t), RealSamples.Houses(shuffled), p => new Sgd(p, 0.03, momentum: 0.9), 48, Signal.Features),
        "cells" => new(m => new Sequential(new Linear(30, 24), new LayerNorm(24), new Mish(), m, new Linear(24, 1)), (y, t) => Loss.Focal(y, t), RealSamples.YesOrNo("breast_cancer.csv", shuffled),
            p => new Adam(p, 3e-3), 24, Signal.Features) { Second = new Sigmoid() },
        "dense" => new(m => new Sequential(new Conv2D(1, 8, 5, stride: 2), new ReLU(), new DenseConcat(new Sequential(new BatchNorm2D(8), new ReLU(), new Conv2D(8, 8, 3, padding: 1))), m,
            new DenseConcat(new Sequential(new BatchNorm2D(16), new ReLU(), new Conv2D(16, 8, 3, padding: 1))), new AveragePool2D(4), new Flatten(), new Linear(216, 10)),
            Classes, RealSamples.Mnist(shuffled), p => new Nesterov(p, 0.02), 16, Signal.Images),
        "resnext" => new(m => new Sequential(new Conv2D(3, 16, 3, stride: 2, padding: 1), new GroupNorm(4, 16), new ReLU(),
            new Residual(new Sequential(new Conv2D(16, 16, 3, padding: 1, groups: 4), new GroupNorm(4, 16), new ReLU(), new Conv2D(16, 16, 1))), m,
            new Conv2D(16, 32, 3, stride: 2), new ReLU(), new AdaptiveAveragePool2D(3), new Flatten(), new Linear(288, 10)), Classes, RealSamples.Cifar(shuffled), p => new AdamW(p, 2e-3), 16, Signal.Images),
        "text cnn" => new(m => new Sequential(new Embedding(RealSamples.Characters, 12), new Lambda(y => y.Transpose(1, 2), "channels"),
            new Branches(new Conv1D(12, 24, 3, padding: 1), new Conv1D(12, 24, 5, padding: 2)), new ReLU(), m, new GlobalAveragePool1D(), new Linear(48, 2)),
            Classes, RealSamples.MixedOrNot(shuffled), p => new Adam(p, 5e-3), 48, Signal.Sequences),
        "two grus" => new(m => new Sequential(new Embedding(RealSamples.Characters, 24), new Recurrent(new GRU(24, 48, layers: 2, batchFirst: true)), m, new Linear(48, RealSamples.Characters)),
            Tokens, RealSamples.NextCharacters(shuffled), p => new Lion(p, 5e-4), 48, Signal.Features),
        "flowers" => new(m => new Sequential(new Linear(4, 16), new Swish(learnt: true), m, new Linear(16, 3)), Classes, RealSamples.Classes("iris.csv", shuffled), p => new Sgd(p, 0.1, momentum: 0.5), 16, Signal.Features),
        "wines" => new(m => new Sequential(new Linear(13, 32), new Mish(), new RMSNorm(32), m, new Linear(32, 16), new Softplus(), new Linear(16, 3)), Classes, RealSamples.Classes("wine_data.csv", shuffled),
            p => new NAdam(p, 2e-3), 32, Signal.Features),
        "diabetes" => new(m => new Sequential(new Linear(10, 24), new ELU(), m, new Linear(24, 1)), (y, t) => Loss.SmoothL1(y, t), RealSamples.Diabetes(shuffled), p => new Adagrad(p, 0.02), 24, Signal.Features),
        _ => throw new ArgumentException(name),
    };

    private static Tensor Classes(Tensor y, Tensor t) => Loss.CrossEntropy(y, t);

    private static Tensor Tokens(Tensor y, Tensor t) => Loss.CrossEntropy(y.Reshape(-1, y.Shape[^1]), t.Reshape(-1));

    // The loss of a quantile: answers that are too low cost three times as much as those that are too high.
    private static Tensor Pinball(Tensor y, Tensor t) => (0.75 * (t - y)).Maximum(0.25 * (y - t)).Mean();

    private sealed class Encoder(TransformerEncoder encoder) : Module<Tensor, Tensor>
    {
        private readonly TransformerEncoder _encoder = encoder;

        protected override Tensor ForwardCore(Tensor x) => _encoder.Forward(x);
    }
}
