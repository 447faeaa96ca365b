using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>A fifth set: other models and optimizers on the visitors' data.</summary>
internal static class Guests
{
    /// <summary>All of them.</summary>
    public static readonly TaskSet Set = new(["shapes by residuals", "letters by rows", "gestures by strips", "concrete by swish", "reviews by states"], Of, 77,
        () => new Bowed(), nameof(Bowed), nameof(BowedSine))
    {
        NotApplicable = [("concrete by swish", Fault.SoftmaxTwice, "its loss applies none")],
    };

    private static TaskPlan Of(string name, bool shuffled) => name switch
    {
        "shapes by residuals" => new(m => new Sequential(Conv(3, 12), new BatchNorm2D(12), new ReLU(), new MaxPool2D(2), Block(12), m, new Conv2D(12, 24, 3, stride: 2, padding: 1),
            new BatchNorm2D(24), new ReLU(), Block(24), new GlobalAveragePool2D(), new Flatten(), new Linear(24, 4)),
            (y, t) => Loss.CrossEntropy(y, t), VisitorData.Shapes(shuffled), p => new Sgd(p, 0.05, momentum: 0.9), 12, Signal.Images) { BatchSize = 32 },
        "letters by rows" => new(m => new Sequential(new Lambda(y => y.Reshape(-1, VisitorData.Page, VisitorData.Page), "rows"), new Recurrent(new LSTM(VisitorData.Page, 40, batchFirst: true)),
            new Lambda(y => y.Mean(1), "mean"), m, new Linear(40, 6)),
            (y, t) => Loss.CrossEntropy(y, t), VisitorData.Letters(shuffled), p => new Adam(p, 5e-3), 40, Signal.Features) { BatchSize = 32 },
        "gestures by strips" => new(m => new Sequential(new Lambda(y => y.Transpose(1, 2), "channels"), new Conv1D(3, 24, 5, padding: 2), new ReLU(), new MaxPool1D(2), new Conv1D(24, 32, 5),
            new GELU(), new GlobalMaxPool1D(), new Flatten(), m, new Linear(32, 5)),
            (y, t) => Loss.CrossEntropy(y, t), VisitorData.Gestures(shuffled), p => new NAdam(p, 2e-3), 32, Signal.Features) { BatchSize = 25 },
        "concrete by swish" => new(m => new Sequential(new Linear(8, 48), new SiLU(), m, new Linear(48, 48), new SiLU(), new Linear(48, 1)),
            (y, t) => Loss.Huber(y, t), VisitorData.Concrete(shuffled), p => new Adam(p, 3e-3), 48, Signal.Features) { BatchSize = 32 },
        "reviews by states" => new(m => new Sequential(new Embedding(VisitorData.Words, 24), new Recurrent(new LSTM(24, 32, batchFirst: true, bidirectional: true)), new Lambda(y => y.Max(1), "max"),
            m, new Linear(64, 2)),
            (y, t) => Loss.CrossEntropy(y, t), VisitorData.Reviews(shuffled), p => new Adam(p, 3e-3), 64, Signal.Features) { BatchSize = 40 },
        _ => throw new ArgumentException(name),
    };

    private static Conv2D Conv(int inputs, int outputs) => new(inputs, outputs, 3, padding: 1, bias: false);

    private static Residual Block(int channels)
        => new(new Sequential(Conv(channels, channels), new BatchNorm2D(channels), new ReLU(), Conv(channels, channels), new BatchNorm2D(channels)));

    /// <summary>x + sin x whose derivative lost the first term.</summary>
    private sealed class Bowed : Module<Tensor, Tensor>
    {
        protected override Tensor ForwardCore(Tensor x) => new BowedSine().Apply(x);
    }

    private sealed class BowedSine : CustomFunction
    {
        protected override Tensor Forward(Context c, ReadOnlySpan<Tensor> x) => c.Save(x[0]).Sin() + x[0];
        protected override Tensor?[] Backward(Context c, Tensor g) => [g * c.Saved(0).Cos()];
    }
}
