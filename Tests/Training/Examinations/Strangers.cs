using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>A third set of models and data, made by somebody who knew neither the doctor's checks nor its answers.</summary>
internal static class Strangers
{
    /// <summary>All of them; what is not applicable was stated before the doctor saw any.</summary>
    public static readonly TaskSet Set = new(["patches", "tagger", "sets", "quantiles", "lesions", "experts", "credit", "claims", "grades", "textures"], Of, 33,
        () => new Skewed(), nameof(Skewed), "SkewedSoftsign")
    {
        NotApplicable =
        [
            ("sets", Fault.SoftmaxTwice, "its loss applies none"),
            ("quantiles", Fault.SoftmaxTwice, "its loss applies none"),
            ("claims", Fault.SoftmaxTwice, "its loss applies none"),
            ("grades", Fault.LabelsShuffled, "ninety samples with much noise are too few to tell a weak rule from none"),
        ],
    };

    private static TaskPlan Of(string name, bool shuffled) => name switch
    {
        "patches" => new(m => new Sequential(new Conv2D(1, 32, 3, stride: 3), new Flatten(2), new Lambda(y => y.Transpose(1, 2), "tokens"), new LearntPositions(16, 32), m,
            new SelfAttention(new TransformerEncoder(2, 32, 4, 64, 0.1, TransformerActivation.GELU, normFirst: true)), new Lambda(y => y.Mean(1), "mean"), new Linear(32, 4)),
            (y, t) => Loss.CrossEntropy(y, t), StrangerData.Pairs(shuffled), p => new AdamW(p, weightDecay: 0.05) { Schedule = Schedule.Warmup(20).Then(Schedule.Cosine(3e-3, 300)) }, 32, Signal.Features) { BatchSize = 64 },
        "tagger" => new(m => new Sequential(new Embedding(StrangerData.Tokens, 12), new Recurrent(new LSTM(12, 20, bidirectional: true, batchFirst: true)), m, new Dropout(0.2), new Linear(40, 4)),
            (y, t) => Loss.CrossEntropy(y.Transpose(1, 2), t, ignoreIndex: StrangerData.Ignored), StrangerData.Brackets(shuffled), p => new Adam(p, 1e-2), 40, Signal.Features) { BatchSize = 16 },
        "sets" => new(m => new Sequential(new Linear(2, 32), new ReLU(), new Linear(32, 32), new ReLU(), m, new Lambda(y => y.Mean(1), "mean"), new Linear(32, 32), new ReLU(), new Linear(32, 1)),
            (y, t) => Loss.Huber(y, t), StrangerData.Clouds(shuffled), p => new Adam(p) { Schedule = Schedule.Exponential(1e-2, 0.002) }, 32, Signal.Features),
        "quantiles" => new(m => new Sequential(new Conv1D(1, 12, 1), new CausalBlock(12, 1), new CausalBlock(12, 2), m, new CausalBlock(12, 4), new CausalBlock(12, 8),
            new Lambda(y => y.Select(2, y.Shape[2] - 1), "last"), new Linear(12, 3)),
            Quantiles, StrangerData.Seasons(shuffled), p => new NAdam(p, 5e-3), 12, Signal.Sequences) { BatchSize = 50 },
        "lesions" => new(m => new StridedUNet(6, m), BinaryAndDice, StrangerData.Lesions(shuffled), p => new Adam(p, 1e-2), 24, Signal.Images) { BatchSize = 8, Second = new Sigmoid() },
        "experts" => new(m => new Sequential(new Experts(4, 10, 24, 32), new LayerNorm(32), m, new Linear(32, 5)), (y, t) => Loss.BinaryCrossEntropyWithLogits(y, t),
            StrangerTables.Regimes(shuffled), p => new Muon(p, 0.02), 32, Signal.Features) { BatchSize = 64, Second = new Sigmoid() },
        "credit" => Credit(shuffled),
        "claims" => new(m => new Sequential(new Linear(6, 32), new Tanh(), m, new Linear(32, 16), new Tanh(), new Linear(16, 1)), Poisson, StrangerTables.Claims(shuffled),
            p => new Sgd(p, 0.05, momentum: 0.9), 32, Signal.Features) { BatchSize = 40 },
        "grades" => new(m => new Sequential(new Linear(12, 16), new ReLU(), m, new Dropout(0.3), new Linear(16, 3)), Ordinal, StrangerTables.Grades(shuffled), p => new AdamW(p, 5e-3, weightDecay: 0.1),
            16, Signal.Features) { BatchSize = 10, Second = new Sigmoid() },
        "textures" => new(m => new Sequential(new Conv2D(3, 8, 3, padding: 1), Block(8), m, new GroupNorm(4, 8), new ReLU(), new Conv2D(8, 16, 3, stride: 2, padding: 1), Block(16),
            new GroupNorm(4, 16), new ReLU(), new GlobalAveragePool2D(), new Linear(16, 5)), (y, t) => Loss.CrossEntropy(y, t, labelSmoothing: 0.1), StrangerTables.Textures(shuffled),
            p => new Sgd(p, momentum: 0.9, weightDecay: 5e-4) { Schedule = Schedule.Warmup(20).Then(Schedule.Cosine(0.03, 400)) }, 8, Signal.Images) { BatchSize = 24 },
        _ => throw new ArgumentException(name),
    };

    // One borrower of eleven or so fails, and counts ten times as much.
    private static TaskPlan Credit(bool shuffled)
    {
        Tensor weights = Tensor.From([0.55f, 5.5f]);
        return new(m => new Sequential(new Columns(StrangerTables.Numbers, StrangerTables.Categories, 4), new Linear(StrangerTables.Numbers + 12, 48), new BatchNorm1D(48), new ReLU(), m,
            new Dropout(0.2), new Linear(48, 24), new BatchNorm1D(24), new ReLU(), new Linear(24, 2)),
            (y, t) => Loss.CrossEntropy(y, t, weights), StrangerTables.Credit(shuffled), p => new Lamb(p, 1e-2), 48, Signal.Features) { BatchSize = 128 };
    }

    // Group norm and rectifier before each convolution (He et al. 2016).
    private static Residual Block(int channels)
        => new(new Sequential(new GroupNorm(4, channels), new ReLU(), new Conv2D(channels, channels, 3, padding: 1), new GroupNorm(4, channels), new ReLU(), new Conv2D(channels, channels, 3, padding: 1)));

    // y [n, 3] are the quantiles at 10, 50 and 90 %.
    private static Tensor Quantiles(Tensor y, Tensor t) => Quantile(y.Slice(1, 0, 1), t, 0.1) + Quantile(y.Slice(1, 1, 1), t, 0.5) + Quantile(y.Slice(1, 2, 1), t, 0.9);

    private static Tensor Quantile(Tensor y, Tensor t, double share) => (share * (t - y)).Maximum((share - 1) * (t - y)).Mean();

    // Binary cross-entropy, and 1 − Dice's share of the area that both call patch.
    private static Tensor BinaryAndDice(Tensor y, Tensor t)
    {
        Tensor p = y.Sigmoid();
        return Loss.BinaryCrossEntropyWithLogits(y, t) + 1 - (2 * (p * t).Sum() + 1) / (p.Sum() + t.Sum() + 1);
    }

    // −ln of Poisson's distribution of the counts t around exp(y), but for a constant.
    private static Tensor Poisson(Tensor y, Tensor t) => (y.Exp() - t * y).Mean();

    // y [n, 3] tells by sigmoids whether grade 1, 2 and 3 are reached.
    private static Tensor Ordinal(Tensor y, Tensor t) => Loss.BinaryCrossEntropyWithLogits(y, Tensor.Stack([t >= 1, t >= 2, t >= 3], 1).Cast(DType.Float32));
}
