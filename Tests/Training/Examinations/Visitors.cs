using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>A fourth set of models and data, of the kinds that courses teach, made like the third by somebody who knew neither the doctor's checks nor its answers.</summary>
internal static class Visitors
{
    /// <summary>All of them.</summary>
    public static readonly TaskSet Set = new(["shapes", "letters", "gestures", "concrete", "reviews"], Of, 55, () => new Slanted(), nameof(Slanted), nameof(SlantedArcTangent))
    {
        NotApplicable = [("concrete", Fault.SoftmaxTwice, "its loss applies none")],
    };

    private static TaskPlan Of(string name, bool shuffled) => name switch
    {
        // After AlexNet (Krizhevsky et al. 2012).
        "shapes" => new(m => new Sequential(Conv(3, 16, 5), new ReLU(), new MaxPool2D(3, stride: 2), m, Conv(16, 24, 3), new ReLU(), new MaxPool2D(3, stride: 2), Conv(24, 24, 3), new ReLU(),
            new Flatten(), new Dropout(0.3), new Linear(600, 48), new ReLU(), new Dropout(0.3), new Linear(48, 4)),
            (y, t) => Loss.CrossEntropy(y, t), VisitorData.Shapes(shuffled), p => new Sgd(p, 0.01, momentum: 0.9), 16, Signal.Images) { BatchSize = 32 },
        // After DenseNet (Huang et al. 2017).
        "letters" => new(m => new Sequential(new Conv2D(1, 8, 3, padding: 1, bias: false), Grow(8), Grow(16), Transition(24, 12), m, Grow(12), Grow(20), new BatchNorm2D(28), new ReLU(),
            new AveragePool2D(2), new Flatten(), new Linear(448, 6)),
            (y, t) => Loss.CrossEntropy(y, t), VisitorData.Letters(shuffled), p => new Adam(p, 3e-3), 12, Signal.Images) { BatchSize = 32 },
        "gestures" => new(m => new Sequential(new Recurrent(new GRU(3, 24, layers: 2, bidirectional: true, batchFirst: true, dropout: 0.2)), new Lambda(y => y.Mean(1), "mean"), m, new Linear(48, 5)),
            (y, t) => Loss.CrossEntropy(y, t), VisitorData.Gestures(shuffled), p => new RmsProp(p, 5e-3), 48, Signal.Features) { BatchSize = 32 },
        "concrete" => new(m => new Sequential(new Linear(8, 64), new ELU(), new LayerNorm(64), m, new Linear(64, 32) { WeightInit = Init.LeCunNormal() }, new SELU(), new Linear(32, 1)),
            (y, t) => Loss.MeanSquaredError(y, t), VisitorData.Concrete(shuffled), p => new AdamW(p, weightDecay: 0.01) { Schedule = Schedule.Cosine(5e-3, 1000) }, 64, Signal.Features) { BatchSize = 16 },
        // After Kim (2014).
        "reviews" => new(m => new Sequential(new Embedding(VisitorData.Words, 16), new Lambda(y => y.Transpose(1, 2), "channels"), new Branches(Window(2), Window(3), Window(4)), m,
            new Dropout(0.3), new Linear(48, 2)),
            (y, t) => Loss.CrossEntropy(y, t), VisitorData.Reviews(shuffled), p => new Adagrad(p, 0.1), 48, Signal.Features) { BatchSize = 50 },
        _ => throw new ArgumentException(name),
    };

    private static Conv2D Conv(int inputs, int outputs, int size) => new(inputs, outputs, size, padding: size / 2) { WeightInit = Init.KaimingNormal() };

    private static DenseConcat Grow(int channels) => new(new Sequential(new BatchNorm2D(channels), new ReLU(), new Conv2D(channels, 8, 3, padding: 1, bias: false)));

    private static Sequential Transition(int channels, int fewer) => new(new BatchNorm2D(channels), new ReLU(), new Conv2D(channels, fewer, 1, bias: false), new AveragePool2D(2));

    private static Sequential Window(int words) => new(new Conv1D(16, 16, words), new ReLU(), new GlobalMaxPool1D());

    /// <summary>arctan x whose derivative lost the square of x.</summary>
    private sealed class Slanted : Module<Tensor, Tensor>
    {
        protected override Tensor ForwardCore(Tensor x) => new SlantedArcTangent().Apply(x);
    }

    private sealed class SlantedArcTangent : CustomFunction
    {
        protected override Tensor Forward(Context c, ReadOnlySpan<Tensor> x) => c.Save(x[0]).Atan();
        protected override Tensor?[] Backward(Context c, Tensor g) => [g / (1 + c.Saved(0).Abs())];
    }
}
