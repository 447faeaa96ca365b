using Gradwright.Layers;
using Gradwright.Optim;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>A sixth set of models and data, of the kinds that courses teach, made like the fourth by somebody who knew neither the doctor's checks nor its answers.</summary>
internal static class Travellers
{
    /// <summary>All of them; what is not applicable was stated before the doctor saw any.</summary>
    public static readonly TaskSet Set = new(["faces", "clocks", "loads", "tags", "symptoms"], Of, 99, () => new Tangled(), nameof(Tangled), nameof(TangledSoftsign))
    {
        NotApplicable = [("loads", Fault.SoftmaxTwice, "its loss applies none")],
    };

    private static TaskPlan Of(string name, bool shuffled) => name switch
    {
        // After EfficientNet (Tan and Le 2019), with squeeze and excitation (Hu et al. 2018).
        "faces" => new(m => new Sequential(Conv(3, 16, 3, stride: 2), new SiLU(), Inverted(16, 16), m, new Residual(Inverted(16, 16)), Inverted(16, 24, stride: 2), Conv(24, 48, 1),
            new SiLU(), new GlobalAveragePool2D(), new Dropout(0.2), new Linear(48, 4)),
            (y, t) => Loss.CrossEntropy(y, t), TravellerData.Faces(shuffled), p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true, weightDecay: 1e-4), 16, Signal.Images)
            { BatchSize = 25 },
        // After the vision transformer (Dosovitskiy et al. 2021).
        "clocks" => new(m => new Sequential(new Conv2D(1, 32, 4, stride: 4), new Flatten(2), new Lambda(y => y.Transpose(1, 2), "tokens"), new SinusoidalPositions(32),
            new Encoder(), m, new Encoder(), new LayerNorm(32), new Lambda(y => y.Mean(1), "mean"), new Linear(32, 8)),
            (y, t) => Loss.CrossEntropy(y, t), TravellerData.Clocks(shuffled),
            p => new AdamW(p, weightDecay: 0.05) { Schedule = Schedule.Warmup(20).Then(Schedule.Cosine(6e-3, 1000)) }, 32, Signal.Features) { BatchSize = 32 },
        // After the temporal convolutional network (Bai et al. 2018).
        "loads" => new(m => new Sequential(Past(2, 24, 1), m, Past(24, 24, 2), Past(24, 24, 4), Past(24, 24, 8),
            new Lambda(y => y.Slice(2, y.Shape[2] - 1, 1), "last"), new Flatten(), new Linear(24, 1)),
            (y, t) => Loss.Huber(y, t), TravellerData.Loads(shuffled), p => new NAdam(p, 3e-3), 24, Signal.Sequences) { BatchSize = 25 },
        "tags" => new(m => new Sequential(new Embedding(TravellerData.Words, 16), new Recurrent(new LSTM(16, 32, batchFirst: true, forgetBias: 1)), m, new Dropout(0.2),
            new Recurrent(new LSTM(32, 32, batchFirst: true, forgetBias: 1)), new Linear(32, TravellerData.Parts)),
            (y, t) => Loss.CrossEntropy(y.Reshape(-1, TravellerData.Parts), t.Reshape(-1)), TravellerData.Tags(shuffled),
            p => new Adam(p, 2e-2), 32, Signal.Features) { BatchSize = 20 },
        "symptoms" => new(m => new Sequential(Normalized(TravellerData.Findings, 64), Normalized(64, 64), m, Normalized(64, 48), Normalized(48, 32),
            new Linear(32, TravellerData.Diagnoses)),
            (y, t) => Loss.BinaryCrossEntropyWithLogits(y, t), TravellerData.Symptoms(shuffled),
            p => new Sgd(p, momentum: 0.9) { Schedule = Schedule.Exponential(0.2, 1e-3) }, 64, Signal.Features) { BatchSize = 50, Second = new Sigmoid() },
        _ => throw new ArgumentException(name),
    };

    private static Sequential Conv(int inputs, int outputs, int size, int stride = 1, int groups = 1)
        => new(new Conv2D(inputs, outputs, size, stride, padding: size / 2, groups: groups, bias: false) { WeightInit = Init.KaimingNormal() }, new BatchNorm2D(outputs));

    private static Sequential Inverted(int inputs, int outputs, int stride = 1)
        => new(Conv(inputs, 2 * inputs, 1), new SiLU(), Conv(2 * inputs, 2 * inputs, 3, stride, groups: 2 * inputs), new SiLU(), new Excited(2 * inputs),
            Conv(2 * inputs, outputs, 1));

    private static Residual Past(int inputs, int outputs, int dilation)
        => new(new Sequential(Causal(inputs, outputs, dilation), Causal(outputs, outputs, dilation)), inputs == outputs ? null : new Conv1D(inputs, outputs, 1));

    private static Sequential Causal(int inputs, int outputs, int dilation)
        => new(new Conv1D(inputs, outputs, 3, padding: 2 * dilation, dilation: dilation), new Lambda(y => y.Slice(2, 0, y.Shape[2] - 2 * dilation), "chomp"), new ReLU());

    private static Sequential Normalized(int inputs, int outputs) => new(new Linear(inputs, outputs, bias: false), new BatchNorm1D(outputs), new LeakyReLU(0.1));

    /// <summary>Channels times what a small network makes of their means.</summary>
    private sealed class Excited(int channels) : Module<Tensor, Tensor>
    {
        private readonly Sequential _gate = new(new GlobalAveragePool2D(), new Linear(channels, channels / 4), new SiLU(), new Linear(channels / 4, channels), new Sigmoid());

        protected override Tensor ForwardCore(Tensor x)
        {
            Tensor gate = _gate.Forward(x);
            return x * gate.Reshape(gate.Shape[0], gate.Shape[1], 1, 1);
        }
    }

    /// <summary>A layer of a transformer's encoder, without masks.</summary>
    private sealed class Encoder : Module<Tensor, Tensor>
    {
        private readonly TransformerEncoderLayer _layer = new(32, 4, hidden: 64, dropout: 0.1, TransformerActivation.GELU, normFirst: true);

        protected override Tensor ForwardCore(Tensor x) => _layer.Forward(x);
    }

    /// <summary>x / (1 + |x|), with a plus where the quotient rule has a minus.</summary>
    private sealed class Tangled : Module<Tensor, Tensor>
    {
        protected override Tensor ForwardCore(Tensor x) => new TangledSoftsign().Apply(x);
    }

    private sealed class TangledSoftsign : CustomFunction
    {
        protected override Tensor Forward(Context c, ReadOnlySpan<Tensor> x) => c.Save(x[0]) / (1 + x[0].Abs());

        protected override Tensor?[] Backward(Context c, Tensor g)
        {
            Tensor size = c.Saved(0).Abs(), divisor = 1 + size;
            return [g * (divisor + size) / (divisor * divisor)];
        }
    }
}
