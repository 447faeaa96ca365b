using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;
using Gradwright.Watch;

namespace Gradwright.Examples.Pictures;

/// <summary>
/// From a folder of pictures to a network that names new ones. Four sixths of each class train it, one sixth validates each epoch, one sixth is looked at once, at the end.
/// </summary>
internal sealed class PicturesRun(PicturesOptions options, TextWriter output)
{
    private const int Drawn = 200, Padding = 4, Interrupted = 130;
    private const ulong DrawnSeed = 7;
    private const double WarmupShare = 0.1;

    private readonly RunFolder _folder = new(options.Out, output);

    /// <summary>Does everything.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        if (options.Accelerator is { } accelerator) Accelerator.Default = Accelerator.Open(accelerator);
        if (options.Predict.Count > 0) return Predict();
        _folder.RequireWritable();
        _folder.RequireFresh(options.Resume, options.Restart);
        ImageFolder pictures = Open();
        output.WriteLine(pictures.Summary);
        long[][] parts = Split.Stratified(pictures.Labels, [4, 1, 1], options.Seed);
        if (options.Limit is { } limit && limit < parts[0].Length) parts[0] = parts[0][..limit];
        output.WriteLine($"{parts[0].Length:N0} pictures to train, {parts[1].Length:N0} to validate, {parts[2].Length:N0} to test.");

        SubsetDataset training = new(pictures, parts[0]);
        Normalize normalize = Normalize.FitChannels(training);
        Compose augment = new(new RandomCrop(options.Side, options.Side, Padding, PadMode.Reflect), new RandomFlip(), new ColourJitter { Brightness = 0.2, Contrast = 0.2 }, normalize);
        using DataLoader train = new(training, options.Batch, augment, shuffleSeed: options.Seed, dropLast: true, workers: options.Workers);
        using DataLoader validation = new(new SubsetDataset(pictures, parts[1]), options.Batch, normalize), test = new(new SubsetDataset(pictures, parts[2]), options.Batch, normalize);

        using PictureModel model = new(PictureNetwork.Create(pictures.Classes.Count, options.Width, options.Seed), pictures.Classes, options.Width, PictureModel.FormOf(options.Side), normalize);
        using AdamW optimizer = new(model.Network.Parameters(), options.LearningRate);
        long steps = options.Epochs * train.BatchesPerEpoch;
        optimizer.Schedule = options.Schedule(steps, WarmupShare);
        using HtmlReport report = new(_folder["report.html"], output.WriteLine) { Title = "Pictures", Classes = pictures.Classes, Saliency = true };
        using WatchServer? watch = options.Watch is { } port ? new(report, port, output.WriteLine) : null;
        Trainer trainer = new(model.Network, (y, t) => Loss.CrossEntropy(y, t), optimizer, train)
        {
            Validation = validation,
            Metrics = [new Accuracy()],
            Checkpoints = _folder.Checkpoints,
            CheckpointEvery = options.CheckpointEvery,
            WriteInBackground = true,
            Settings = options.Settings,
            Callbacks = _folder.Callbacks(report, watch),
        };
        if (options.Resume) _folder.Resume(trainer, steps);
        if (Fit(trainer) == TrainingEnd.Cancelled)
        {
            output.WriteLine("Here, the same command with --resume does that.");
            return Interrupted;
        }

        Test(model, test);
        model.Save(_folder);
        output.WriteLine($"Written: {_folder.ModelPath}, normalize.json and report.html beside it. To name a picture: --predict FILE{(options.Out == new PicturesOptions().Out ? "" : $" --out {options.Out}")}");
        return 0;
    }

    private ImageFolder Open()
    {
        string data = options.Data ?? _folder["drawn"];
        if (options.Data is null) DrawnPictures.Write(data, Drawn, DrawnSeed);
        return new(data, PictureModel.FormOf(options.Side, options.Strict));
    }

    private TrainingEnd Fit(Trainer trainer)
    {
        using InterruptSignal interrupt = new();
        return trainer.Fit(options.Epochs, cancellation: interrupt.Token);
    }

    private void Test(PictureModel model, DataLoader test)
    {
        Accuracy accuracy = new();
        FScore score = new(model.Classes.Count);
        Trainer.Evaluate(model.Network, test, accuracy, score);
        output.WriteLine($"Test accuracy: {100 * accuracy.Value:0.00} % of pictures that played no part in the training; F1 by class:");
        foreach ((string name, double value) in model.Classes.Zip(score.PerClass)) output.WriteLine($"  {name,-16} {value:0.000}");
    }

    // A picture that cannot be read is told and passed over: the others are named.
    private int Predict()
    {
        const int shown = 3;
        using PictureModel model = PictureModel.Load(_folder);
        int failures = 0;
        foreach (string path in options.Predict)
        {
            try
            {
                float[] shares = model.Predict(path);
                output.WriteLine($"{path}: {string.Join(", ", shares.Select((share, i) => (share, name: model.Classes[i])).OrderByDescending(e => e.share).Take(shown).Select(e => $"{e.name} {100 * e.share:0.0} %"))}");
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                output.WriteLine(e.Message.Contains(path, StringComparison.Ordinal) ? e.Message : $"{path}: {e.Message}");
                failures++;
            }
        }

        return failures == 0 ? 0 : 1;
    }
}
