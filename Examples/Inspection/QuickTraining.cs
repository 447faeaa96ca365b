using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;

namespace Gradwright.Examples.Inspection;

/// <summary>Trains classifiers for a few seconds.</summary>
internal sealed class QuickTraining(InspectOptions options, TextWriter output)
{
    private const int Batch = 50;

    /// <summary>Trains a model.</summary>
    /// <param name="model">[n, 1, 28, 28] → scores [n, classes].</param>
    /// <param name="train">What it learns.</param>
    /// <param name="test">What it is measured with.</param>
    /// <param name="epochs">How often it sees each sample.</param>
    /// <param name="rate">The highest learning rate of a schedule that falls.</param>
    /// <param name="report">Where to write a report; null writes none.</param>
    /// <returns>The share of the test samples that it tells rightly.</returns>
    public double Run(Sequential model, IDataset train, IDataset test, int epochs, double rate, string? report = null)
    {
        using DataLoader data = new(train, Batch, shuffleSeed: options.Seed), validation = new(test, Batch);
        using AdamW optimizer = new(model.Parameters(), rate) { Schedule = Schedule.Cosine(rate, epochs * data.BatchesPerEpoch) };
        using HtmlReport page = new(report, output.WriteLine) { Title = "Digits", Saliency = true };
        Trainer trainer = new(model, (y, t) => Loss.CrossEntropy(y, t), optimizer, data) { Validation = validation, Metrics = [new Accuracy()], Callbacks = report is null ? [] : [page] };
        trainer.Fit(epochs);
        return trainer.History.Epochs[^1].Validation[1];
    }
}
