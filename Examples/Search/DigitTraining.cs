using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;
using Fold = Gradwright.Data.Fold;

namespace Gradwright.Examples.Search;

/// <summary>A perceptron with one hidden layer on synthetic digits, and what a search may vary of its training.</summary>
internal sealed class DigitTraining
{
    private const int Batch = 32;

    private readonly Hyperparameter<double> _rate, _momentum, _decay, _dropout;
    private readonly Hyperparameter<int> _width;
    private readonly Hyperparameter<string> _activation;
    private readonly ImageDataset _all;
    private readonly Fold _split;
    private readonly Fold[] _folds;

    /// <param name="images">To learn from; a third as many validate.</param>
    /// <param name="folds">Number of folds of a cross-validation, or 0.</param>
    public DigitTraining(int images, int folds)
    {
        _rate = Space.LogUniform("rate", 1e-4, 1);
        _momentum = Space.NearOne("momentum", 0, 0.99);
        _decay = Space.LogUniform("decay", 1e-6, 1e-1);
        _dropout = Space.Uniform("dropout", 0, 0.6);
        _width = Space.Integer("width", 8, 128, logarithmic: true);
        _activation = Space.Choice("activation", "relu", "tanh");
        int count = images + images / 3;
        LabeledImages digits = SyntheticDigits.Generate(count, seed: 1);
        (float[] mean, float[] deviation) = digits[..images].Statistics();
        _all = new(digits, mean, deviation);
        _split = new([.. Enumerable.Range(0, images).Select(i => (long)i)], [.. Enumerable.Range(images, count - images).Select(i => (long)i)]);
        _folds = folds == 0 ? [] : KFold.Random(count, folds, seed: 1);
    }

    public SearchSpace Space { get; } = new();

    /// <summary>The best validation accuracy of a configuration.</summary>
    public double Score(TrialContext trial, int epochs)
    {
        long all = (long)Math.Round(trial.Budget * epochs);
        return _folds.Length == 0 ? Train(trial, trial, _split, all) : trial.CrossValidate(_folds, (fold, part) => Train(trial, part, fold, all));
    }

    private double Train(TrialContext trial, TrialContext part, Fold fold, long epochs)
    {
        (SubsetDataset train, SubsetDataset validation) = fold.Of(_all);
        using DataLoader data = new(train, Batch, shuffleSeed: trial.Seed), held = new(validation, 256);
        int width = trial.Get(_width);
        using Sequential model = new(new Flatten(), new Linear(784, width), trial.Get(_activation) == "relu" ? new ReLU() : new Tanh(), new Dropout(trial.Get(_dropout)), new Linear(width, 10));
        model.Initialize(new Generator(trial.Seed));
        using Sgd optimizer = new(model.Parameters(), trial.Get(_rate), trial.Get(_momentum), weightDecay: trial.Get(_decay));
        Trainer trainer = new(model, (y, t) => Loss.CrossEntropy(y, t), optimizer, data)
        {
            Validation = held,
            Metrics = [new Accuracy()],
            Checkpoints = part.Checkpoints,
            Callbacks = [part.Watch("accuracy")],
        };
        part.Fit(trainer, epochs);
        return trainer.History.Validation("accuracy").Max();
    }
}
