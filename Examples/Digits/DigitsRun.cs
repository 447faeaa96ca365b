using System.Diagnostics;
using System.Globalization;
using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Optim;
using Gradwright.Training;
using Gradwright.Watch;

namespace Gradwright.Examples.Digits;

/// <summary>The main example: train a small convolutional network on digits, save it, load it, look at it.</summary>
internal sealed class DigitsRun(DigitsOptions options, TextWriter output)
{
    private const int Shown = 3, Interrupted = 130;
    private const double WarmupShare = 0.1;

    private readonly RunFolder _folder = new(options.Out, output);

    /// <summary>Does everything.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        if (options.Accelerator is { } accelerator) Accelerator.Default = Accelerator.Open(accelerator);
        if (options.Threads is { } threads) WorkerPool.SetThreads(threads);
        _folder.RequireWritable();
        _folder.RequireFresh(options.Resume, options.Restart);

        DigitImages images = ReadImages();
        (float[] mean, float[] deviation) = images.Train.Statistics();
        using DataLoader train = new(new ImageDataset(images.Train, mean, deviation), options.Batch, shuffleSeed: options.Seed);
        using DataLoader validation = new(new ImageDataset(images.Validation, mean, deviation), options.Batch);
        using DataLoader test = new(new ImageDataset(images.Test, mean, deviation), options.Batch);

        using Sequential network = DigitNetwork.Create(options.Seed);
        using (new TensorScope()) output.WriteLine(network.Summary(Tensor.Zeros([1, 1, DigitNetwork.Side, DigitNetwork.Side])));
        long steps = options.Epochs * train.BatchesPerEpoch;
        using AdamW optimizer = new(network.Parameters(), options.LearningRate);
        optimizer.Schedule = options.Schedule(steps, WarmupShare);
        using HtmlReport report = new(options.Report ?? Path.Combine(options.Out, "report.html"), output.WriteLine) { Title = "Digits" };
        using WatchServer? watch = options.Watch is { } port ? new(report, port, output.WriteLine) : null;
        Trainer trainer = new(network, (y, t) => Loss.CrossEntropy(y, t), optimizer, train)
        {
            Validation = validation,
            Metrics = [new Accuracy()],
            Checkpoints = _folder.Checkpoints,
            CheckpointEvery = options.CheckpointEvery,
            Settings = options.Settings,
            Callbacks = _folder.Callbacks(report, watch),
        };
        if (options.Resume) _folder.Resume(trainer, steps);

        output.WriteLine($"Training with {optimizer}, {options.Batch} images per step, on {Accelerator.Default.Description}, {WorkerPool.Shared.Threads} threads.");
        long start = Stopwatch.GetTimestamp();
        if (Fit(trainer) == TrainingEnd.Cancelled)
        {
            output.WriteLine("Here, the same command with --resume does that.");
            return Interrupted;
        }

        output.WriteLine($"Trained in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s.");
        Finish(network, trainer.History, images, test, mean, deviation);
        output.WriteLine($"  {report.Path}   everything about the training, as a page for the browser");
        return 0;
    }

    private DigitImages ReadImages()
    {
        DigitImages images;
        if (options.Data is { } folder)
        {
            if (options.Download) Mnist.DownloadAsync(folder, report: output.WriteLine).GetAwaiter().GetResult();
            images = TrainingOptions.Read(() => DigitImages.Load(folder, options.Limit));
            output.WriteLine($"Digits of {Path.GetFullPath(folder)}: {images}.");
        }
        else
        {
            long start = Stopwatch.GetTimestamp();
            images = DigitImages.Draw(options.Limit);
            output.WriteLine($"Synthetic digits: {images}, drawn in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s. (--data FOLDER --download trains on MNIST.)");
        }

        return images;
    }

    private TrainingEnd Fit(Trainer trainer)
    {
        using InterruptSignal interrupt = new();
        return trainer.Fit(options.Epochs, cancellation: interrupt.Token);
    }

    private void Finish(Sequential network, TrainingHistory history, DigitImages images, DataLoader test, float[] mean, float[] deviation)
    {
        DigitScores scores = DigitScores.Compute(network, images.Test, test);
        output.WriteLine($"Test accuracy: {100 * scores.Accuracy:0.00} % of {scores.Count:N0} images that played no part in the training.");
        output.WriteLine();
        output.WriteLine(DigitPictures.AsText(images.Test, scores, [.. Enumerable.Range(0, Math.Min(Shown, scores.Count))]));
        output.WriteLine();

        Safetensors.Save(_folder.ModelPath, network.StateDictionary(), new Dictionary<string, string>
        {
            ["input"] = "[n, 1, 28, 28]: (pixel / 255 - mean) / deviation",
            ["mean"] = mean[0].ToString("R", CultureInfo.InvariantCulture),
            ["deviation"] = deviation[0].ToString("R", CultureInfo.InvariantCulture),
        });
        Verify(scores, images, test);
        string curves = _folder["curves.svg"], table = _folder["history.csv"];
        string filters = _folder["filters.png"], samples = _folder["samples.png"];
        history.ToChart("Digits: training").Save(curves);
        history.SaveCsv(table);
        PngFile.Write(filters, DigitPictures.FiltersOf(network));
        PngFile.Write(samples, DigitPictures.SamplesOf(images.Test, scores));
        output.WriteLine("Written:");
        output.WriteLine($"  {_folder.ModelPath}   the trained network; loaded again it gives the same {scores.Count:N0} predictions");
        output.WriteLine($"  {curves}   loss and accuracy by epoch");
        output.WriteLine($"  {table}   the same as a table");
        output.WriteLine($"  {filters}   the first layer's filters");
        output.WriteLine($"  {samples}   test images, the {Enumerable.Range(0, scores.Count).Count(i => !scores.IsRight(i))} wrongly read ones first");
    }

    /// <summary>Loads the model into a new network and compares every score.</summary>
    private void Verify(DigitScores expected, DigitImages images, DataLoader test)
    {
        using TensorScope scope = new();
        using Sequential network = DigitNetwork.Create(options.Seed + 1);
        network.LoadState(Safetensors.Load(_folder.ModelPath));
        if (!DigitScores.Compute(network, images.Test, test).Values.SequenceEqual(expected.Values))
            throw new InvalidDataException($"{_folder.ModelPath}: the network that was loaded from it predicts otherwise than the one that was saved.");
    }
}
