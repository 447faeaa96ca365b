using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Small tasks on generated data, with a place in the middle of each model where a fault can be planted.</summary>
internal static class Ward
{
    private const int Length = GeneratedData.Length, Vocabulary = GeneratedData.Vocabulary;

    /// <summary>The doctor's thresholds were chosen before it saw these; only those for rates were changed since (docs/doctor.md).</summary>
    public static readonly string[] Unseen = ["mobile", "signal", "rnn", "maxout", "svm", "autoencoder", "attention"];

    /// <summary>Its thresholds were corrected by these.</summary>
    public static readonly string[] Seen = ["mlp", "lenet", "deep tanh", "residual", "vgg", "gru", "lstm", "transformer", "table", "regression", "attributes"];

    /// <summary>Both.</summary>
    public static readonly TaskSet Set = new([.. Seen, .. Unseen], Of, 3, () => new Bent(), nameof(Bent), nameof(BentTanh))
    {
        NotApplicable =
        [
            ("regression", Fault.SoftmaxTwice, "its loss applies none"),
            ("svm", Fault.SoftmaxTwice, "its loss applies none"),
            ("autoencoder", Fault.SoftmaxTwice, "its loss applies none"),
            ("autoencoder", Fault.LabelsShuffled, "it sees a few pixels only and cannot learn even twenty by heart, which is what the doctor then says"),
        ],
    };

    private static TaskPlan Of(string name, bool shuffled) => name switch
    {
        "mlp" => new(m => new Sequential(new Flatten(), new Linear(196, 48), new ReLU(), m, new Linear(48, 24), new ReLU(), new Linear(24, 10)), Classes, GeneratedData.Digits(2, shuffled), p => new Adam(p, 1e-3), 48, Signal.Features),
        "lenet" => new(m => new Sequential(new Conv2D(1, 6, 5, padding: 2), new ReLU(), new MaxPool2D(2), m, new Conv2D(6, 12, 3), new ReLU(), new MaxPool2D(2), new Flatten(), new Linear(48, 10)),
            Classes, GeneratedData.Digits(2, shuffled), p => new Sgd(p, 0.05, momentum: 0.9), 6, Signal.Images),
        "deep tanh" => new(m => new Sequential(Linear(13, 24), new Tanh(), Linear(24, 24), new Tanh(), Linear(24, 24), new Tanh(), m, Linear(24, 24), new Tanh(), Linear(24, 24), new Tanh(), new Linear(24, 3)),
            Classes, GeneratedData.Blobs(13, 3, shuffled), p => new Sgd(p, 0.05, momentum: 0.9), 24, Signal.Features),
        "residual" => new(m => new Sequential(new Conv2D(3, 8, 3, padding: 1, bias: false), new BatchNorm2D(8), new ReLU(), new ResidualBlock(8, 8), m, new ResidualBlock(8, 16, 2), new GlobalAveragePool2D(), new Linear(16, 4)),
            Classes, GeneratedData.Stripes(shuffled), p => new AdamW(p, 3e-3), 8, Signal.Images),
        "vgg" => new(m => new Sequential(new Conv2D(3, 8, 3, padding: 1), new BatchNorm2D(8), new ReLU(), new MaxPool2D(2), m, new Conv2D(8, 16, 3, padding: 1), new BatchNorm2D(16), new ReLU(), new MaxPool2D(2),
            new Flatten(), new Linear(144, 32), new ReLU(), new Dropout(0.3), new Linear(32, 4)), Classes, GeneratedData.Stripes(shuffled), p
            => new Sgd(p, 0.02, momentum: 0.9), 8, Signal.Images),
        "gru" => new(m => new Sequential(new Embedding(Vocabulary, 16), new Recurrent(new GRU(16, 32, batchFirst: true)), m, new Linear(32, Vocabulary)), Tokens, GeneratedData.Text(shuffled), p => new Adam(p, 3e-3), 32, Signal.Features),
        "lstm" => new(m => new Sequential(new Embedding(Vocabulary, 16), new Recurrent(new LSTM(16, 32, batchFirst: true)), m, new Linear(32, Vocabulary)), Tokens, GeneratedData.Text(shuffled), p => new RmsProp(p, 3e-3), 32, Signal.Features),
        "transformer" => new(m => new Sequential(new Embedding(Vocabulary, 32), new LearntPositions(Length, 32), new Causal(new TransformerEncoder(2, 32, 4, 64, 0.1)), m, new Linear(32, Vocabulary)),
            Tokens, GeneratedData.Text(shuffled), p => new AdamW(p, 2e-3) { Schedule = Schedule.Warmup(20).Then(Schedule.Cosine(2e-3, 2000)) }, 32, Signal.Features),
        "table" => new(m => new Sequential(new Linear(9, 32), new GELU(), m, new Linear(32, 32), new LayerNorm(32), new GELU(), new Linear(32, 2)), Classes, GeneratedData.Blobs(9, 2, shuffled), p => new AdamW(p, 2e-3), 32, Signal.Features),
        "regression" => new(m => new Sequential(new Linear(5, 32), new ReLU(), m, new Linear(32, 32), new ReLU(), new Linear(32, 1)), (y, t)
        => Loss.MeanSquaredError(y, t), GeneratedData.Friedman(shuffled), p => new Adam(p, 3e-3), 32, Signal.Features),
        "attributes" => new(m => new Sequential(new Linear(8, 24), new Sigmoid(), m, new Linear(24, 24), new Sigmoid(), new Linear(24, 3)), (y, t)
        => Loss.BinaryCrossEntropyWithLogits(y, t), GeneratedData.Attributes(shuffled), p => new Adam(p, 1e-2), 24, Signal.Features) { Second = new Sigmoid() },
        "mobile" => new(m => new Sequential(new Conv2D(1, 8, 3, padding: 1), new BatchNorm2D(8), new ReLU6(), new InvertedResidual(8, 8, 2), m, new InvertedResidual(8, 16, 3, stride: 2), new GlobalAveragePool2D(), new Linear(16, 3)),
            Classes, GeneratedData.Figures(shuffled), p => new Lion(p, 1e-3), 8, Signal.Images),
        "signal" => new(m => new Sequential(new Conv1D(1, 8, 5, padding: 2), new GroupNorm(2, 8), new LeakyReLU(), m, new Conv1D(8, 16, 5, stride: 2), new GroupNorm(4, 16), new LeakyReLU(), new GlobalAveragePool1D(), new Linear(16, 3)),
            Classes, GeneratedData.Waves(shuffled), p => new Nesterov(p, 0.03), 8, Signal.Sequences),
        "rnn" => new(m => new Sequential(new Recurrent(new RNN(3, 24, batchFirst: true)), new Lambda(y => y.Select(1, Length - 1),
        "last"), m, new Linear(24, 3)), Classes, GeneratedData.Walks(shuffled), p => new Adam(p, 3e-3), 24, Signal.Features),
        "maxout" => new(m => new Sequential(new Maxout(20, 24), m, new Linear(24, 24), new ELU(), new Linear(24, 5)), Classes, GeneratedData.Blobs(20, 5, shuffled), p
        => new Adagrad(p, 0.02), 24, Signal.Features),
        "svm" => new(m => new Sequential(new Flatten(), new Linear(196, 40), new ReLU(), m, new Linear(40, 10)), (y, t)
        => Loss.MulticlassHinge(y, t), GeneratedData.Digits(2, shuffled), p => new Sgd(p, 0.02), 40, Signal.Features),
        "autoencoder" => new(m => new Sequential(new Conv2D(1, 8, 3, stride: 2, padding: 1), new Tanh(), m, new ConvTranspose2D(8, 1, 4, stride: 2, padding: 1)), (y, t)
        => Loss.MeanSquaredError(y, t), GeneratedData.Copies(shuffled),
            p => new NAdam(p, 5e-3), 8, Signal.Images),
        "attention" => new(m => new Sequential(new Embedding(Vocabulary, 24), new SinusoidalPositions(24), new Attention(24), m, new Lambda(y => y.Mean(1),
        "mean"), new Linear(24, 7)), Classes, GeneratedData.Words(shuffled), p => new NAdam(p, 3e-3), 24, Signal.Features),
        _ => throw new ArgumentException(name),
    };

    private static Tensor Classes(Tensor y, Tensor t) => Loss.CrossEntropy(y, t);

    private static Tensor Tokens(Tensor y, Tensor t) => Loss.CrossEntropy(y.Reshape(-1, y.Shape[^1]), t.Reshape(-1));

    private static Linear Linear(int inputs, int outputs) => new(inputs, outputs) { WeightInit = Init.XavierUniform(5.0 / 3) };

    /// <summary>An encoder whose positions see only those before.</summary>
    private sealed class Causal(TransformerEncoder encoder) : Module<Tensor, Tensor>
    {
        private readonly TransformerEncoder _encoder = encoder;

        protected override Tensor ForwardCore(Tensor x) => _encoder.Forward(new TransformerInput(x) { Causal = true });
    }

    private sealed class Attention(int features) : Module<Tensor, Tensor>
    {
        private readonly MultiHeadAttention _attention = new(features, 2);

        protected override Tensor ForwardCore(Tensor x) => x + _attention.Forward(x);
    }

    /// <summary>tanh with a mistake in its derivative.</summary>
    private sealed class Bent : Module<Tensor, Tensor>
    {
        protected override Tensor ForwardCore(Tensor x) => new BentTanh().Apply(x);
    }

    private sealed class BentTanh : CustomFunction
    {
        protected override Tensor Forward(Context c, ReadOnlySpan<Tensor> x) => c.Save(x[0].Tanh());
        protected override Tensor?[] Backward(Context c, Tensor g) => [g * (1 - c.Saved(0))];       // the square is missing
    }
}
