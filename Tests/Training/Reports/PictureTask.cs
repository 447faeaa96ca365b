using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;

namespace Gradwright.Tests.Training;

/// <summary>Drawn digits and a small convolutional network: what a report shows pictures of, trained in a fraction of a second.</summary>
internal sealed class PictureTask : IDisposable
{
    public const int Samples = 60, Batch = 20, StepsPerEpoch = 3, Classes = 10;

    private readonly AdamW _optimizer;
    private readonly DataLoader _data, _validation;

    public PictureTask(params ITrainingCallback[] callbacks) : this(null, 0.01, callbacks) { }

    public PictureTask(string? checkpoints, double learningRate, params ITrainingCallback[] callbacks)
    {
        Model = new Sequential(new Conv2D(1, 4, 5, stride: 2), new ReLU(), new Flatten(), new Dropout(0.1), new Linear(4 * 12 * 12, 16), new Tanh(), new Linear(16, Classes));
        Model.Initialize(new Generator(3));
        LabeledImages images = SyntheticDigits.Generate(2 * Samples, seed: 5);
        _data = new(new ImageDataset(images[..Samples]), Batch, shuffleSeed: 1);
        _validation = new(new ImageDataset(images[Samples..]), Batch);
        _optimizer = new(Model.Parameters(), learningRate);
        Trainer = new(Model, (y, t) => Loss.CrossEntropy(y, t), _optimizer, _data)
        {
            Validation = _validation,
            Metrics = [new Accuracy()],
            Checkpoints = checkpoints is null ? null : new CheckpointFolder(checkpoints),
            CheckpointEvery = 3,
            Callbacks = callbacks,
            Settings = new Dictionary<string, string> { ["--seed"] = "17" },
        };
    }

    public Sequential Model { get; }
    public Trainer Trainer { get; }

    public void Dispose()
    {
        _data.Dispose();
        _validation.Dispose();
        _optimizer.Dispose();
        Model.Dispose();
    }
}
