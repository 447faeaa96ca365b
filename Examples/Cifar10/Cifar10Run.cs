using System.Globalization;
using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;
using Gradwright.Training;
using Gradwright.Watch;

namespace Gradwright.Examples.Cifar10;

/// <summary>
/// Trains a small VGG on CIFAR-10. A tenth of the training images validates each epoch; the means are those of the other nine tenths; the test images are used once, at the end.
/// </summary>
internal sealed class Cifar10Run(Cifar10Options options, TextWriter output)
{
    private const int Side = 32, Padding = 4, Interrupted = 130;
    private const double WarmupShare = 0.15, Momentum = 0.9, WeightDecay = 5e-4, LabelSmoothing = 0.1;

    private readonly RunFolder _folder = new(options.Out, output);

    /// <summary>Does everything.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        if (options.Accelerator is { } accelerator) Accelerator.Default = Accelerator.Open(accelerator);
        _folder.RequireWritable();
        _folder.RequireFresh(options.Resume, options.Restart);
        (IDataset training, IDataset held, IDataset testing) = Read();

        Normalize normalize = Normalize.FitChannels(training);
        Compose augment = new(new RandomCrop(Side, Side, Padding), new RandomFlip(), normalize);
        using DataLoader train = new(training, options.Batch, augment, shuffleSeed: options.Seed, dropLast: true, workers: options.Workers);
        using DataLoader validation = new(held, options.Batch, normalize), test = new(testing, options.Batch, normalize);

        using VggSmall network = new(Data.Cifar10.ClassNames.Count, options.Width, batchNorm: true, options.Dropout);
        network.Initialize(new Generator(options.Seed));
        long steps = options.Epochs * train.BatchesPerEpoch;
        using Sgd optimizer = new(
            [new ParameterGroup(network.Parameters().Where(p => p.Rank > 1)), new ParameterGroup(network.Parameters().Where(p => p.Rank <= 1)) { WeightDecay = 0 }],
            options.LearningRate, Momentum, nesterov: true, WeightDecay);
        optimizer.Schedule = options.Schedule(steps, WarmupShare);
        using HtmlReport report = new(_folder["report.html"], output.WriteLine) { Title = "CIFAR-10", Classes = Data.Cifar10.ClassNames, Saliency = true };
        using WatchServer? watch = options.Watch is { } port ? new(report, port, output.WriteLine) : null;
        Trainer trainer = new(network, (y, t) => Loss.CrossEntropy(y, t, labelSmoothing: network.IsTraining ? LabelSmoothing : 0), optimizer, train)
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

        output.WriteLine($"Training {network} with {optimizer}, {options.Batch} images per step, on {Accelerator.Default.Description}, {WorkerPool.Shared.Threads} threads.");
        TrainingEnd end = Fit(trainer);
        if (end != TrainingEnd.Finished)
        {
            output.WriteLine("Here, the same command with --resume does that.");
            return end == TrainingEnd.Cancelled ? Interrupted : 0;
        }

        Finish(network, trainer.History, test, normalize);
        return 0;
    }

    private (IDataset Training, IDataset Held, IDataset Testing) Read()
    {
        if (options.Download) Data.Cifar10.DownloadAsync(options.Data, report: output.WriteLine).GetAwaiter().GetResult();
        (LabeledImages train, LabeledImages test) = TrainingOptions.Read(() => Data.Cifar10.Load(options.Data));
        if (options.Limit is { } limit && limit < train.Count) train = train[..limit];
        ImageDataset images = new(train);
        int[] labels = [.. train.Labels.ToArray().Select(label => (int)label)];
        long[][] parts = Split.Stratified(labels, [9, 1], options.Seed);
        output.WriteLine($"CIFAR-10 of {Path.GetFullPath(options.Data)}: {parts[0].Length:N0} images to train, {parts[1].Length:N0} to validate, {test.Count:N0} to test.");
        return (new SubsetDataset(images, parts[0]), new SubsetDataset(images, parts[1]), new ImageDataset(test));
    }

    private TrainingEnd Fit(Trainer trainer)
    {
        using InterruptSignal interrupt = new();
        return trainer.Fit(options.Epochs, cancellation: interrupt.Token, maxTime: options.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null);
    }

    private void Finish(VggSmall network, TrainingHistory history, DataLoader test, Normalize normalize)
    {
        Accuracy accuracy = new();
        Trainer.Evaluate(network, test, accuracy);
        output.WriteLine($"Test accuracy: {100 * accuracy.Value:0.00} % of images that played no part in the training.");
        Safetensors.Save(_folder.ModelPath, network.StateDictionary(), new Dictionary<string, string>
        {
            ["input"] = "[n, 3, 32, 32]: (pixel / 255 - mean) / deviation",
            ["mean"] = Text(normalize.Mean),
            ["deviation"] = Text(normalize.Deviation),
        });
        normalize.Save(_folder["normalize.json"]);
        history.ToChart("CIFAR-10: training").Save(_folder["curves.svg"]);
        history.SaveCsv(_folder["history.csv"]);
        output.WriteLine($"Written: {_folder.ModelPath}, report.html, normalize.json, curves.svg and history.csv beside it.");

        static string Text(ReadOnlySpan<float> values) => string.Join(' ', values.ToArray().Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
    }
}
