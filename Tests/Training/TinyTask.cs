using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;

namespace Gradwright.Tests.Training;

/// <summary>Two noisy spirals and a small network with batch norm and dropout: everything that a trainer has to keep, at a size that trains in milliseconds.</summary>
internal sealed class TinyTask : IDisposable
{
    public const int Samples = 50, Batch = 8, StepsPerEpoch = 7;

    public TinyTask(string? checkpoints = null, int every = 0, bool validate = true, ITrainingCallback[]? callbacks = null,
        Dictionary<string, string>? settings = null, List<string>? reports = null, Func<Tensor, Tensor, Tensor>? loss = null, Module<Tensor, Tensor>? layer = null,
        double learningRate = 0.01, int samples = Samples, MixedPrecision precision = MixedPrecision.Off, LossScaler? scaler = null, Mixup? mixup = null, int accumulate = 1,
        Metric? metric = null, double? maxGradient = null, bool background = false, TimeProvider? clock = null,
        bool capture = false, bool average = false, Distillation? distillation = null)
    {
        Model = new Sequential(new Linear(2, 16), new BatchNorm1D(16), layer ?? new Tanh(), new Dropout(0.2), new Linear(16, 2));
        Model.Initialize(new Generator(7));
        Optimizer = new AdamW(Model.Parameters(), learningRate) { Schedule = Schedule.Cosine(learningRate, 40) };
        Data = new DataLoader(Spirals(samples, 1), Batch, shuffleSeed: 3);
        Validation = validate ? new DataLoader(Spirals(Samples, 2), 20) : null;
        Trainer = new(Model, loss ?? ((y, t) => Loss.CrossEntropy(y, t)), Optimizer, Data)
        {
            Validation = Validation,
            Metrics = [metric ?? new Accuracy()],
            MaxGradientNorm = 1,
            MaxGradient = maxGradient,
            AccumulateSteps = accumulate,
            Precision = precision,
            LossScaler = scaler,
            Mixup = mixup,
            Distillation = distillation,
            Average = Average = average ? WeightAverage.Exponential(Model.Parameters(), 0.9) : null,
            CaptureSteps = capture,
            Checkpoints = checkpoints is null ? null : new CheckpointFolder(checkpoints, report: (reports ?? []).Add),
            CheckpointEvery = every,
            WriteInBackground = background,
            Clock = clock ?? TimeProvider.System,
            Callbacks = callbacks ?? [],
            Settings = settings ?? [],
        };
    }

    public Sequential Model { get; }
    public AdamW Optimizer { get; }
    public WeightAverage? Average { get; }
    public DataLoader Data { get; }
    public DataLoader? Validation { get; }
    public Trainer Trainer { get; }

    /// <summary>Every bit that training leaves behind: parameters, optimizer and generators, and the history but for its times.</summary>
    public string Fingerprint()
    {
        using OptimizerState optimizer = Optimizer.SaveState();
        IEnumerable<string> tensors = Model.StateDictionary().Concat(optimizer.Tensors)
            .Select(entry => $"{entry.Key} {string.Join(' ', entry.Value.ToArray<float>().Select(BitConverter.SingleToUInt32Bits))}");
        IEnumerable<string> numbers = optimizer.Numbers.Select(entry => $"{entry.Key} {entry.Value:R}");
        IEnumerable<string> generators = Model.NamedGenerators().Select(entry => $"{entry.Name} {entry.Generator.State}");
        IEnumerable<string> history = Trainer.History.Epochs.Select(e => $"{e.Epoch} {e.Step} {e.LearningRate:R} {string.Join(' ', e.Training.Concat(e.Validation).Select(v => $"{v:R}"))}");
        return string.Join('\n', [.. tensors, .. numbers, .. generators, .. history, $"{Data.State}"]);
    }

    public void Dispose()
    {
        Data.Dispose();
        Validation?.Dispose();
        Optimizer.Dispose();
        Average?.Dispose();
        Model.Dispose();
    }

    private static ArrayDataset<float, long> Spirals(int samples, ulong seed)
    {
        Generator random = new(seed);
        float[] points = new float[2 * samples];
        long[] classes = new long[samples];
        for (int i = 0; i < samples; i++)
        {
            classes[i] = i % 2;
            double radius = 0.2 + 0.8 * i / samples, angle = 4 * radius + Math.PI * classes[i] + 0.2 * random.NextDouble();
            (points[2 * i], points[2 * i + 1]) = ((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
        }

        return new(points, [2], classes, []);
    }
}
