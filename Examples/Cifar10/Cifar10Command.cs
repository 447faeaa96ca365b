using System.CommandLine;

namespace Gradwright.Examples.Cifar10;

/// <summary>The command line of <see cref="Cifar10Run"/>.</summary>
internal static class Cifar10Command
{
    public static Command Create(TextWriter output)
    {
        Cifar10Options defaults = new() { Data = "" };
        Option<string> data = new("--data") { Description = "Folder with the binary version of CIFAR-10.", HelpName = "FOLDER", Required = true };
        Option<bool> download = new("--download") { Description = "Download CIFAR-10 (170 MB) into the --data folder if it is not there." };
        Option<int?> epochs = NumberOption.Create("--epochs", $"How often to go through the training images (default {defaults.Epochs}).", 1, 100_000);
        Option<double?> minutes = NumberOption.Create("--minutes", "Stop after so much time at the latest; --resume goes on.", 0.001, 1e6);
        Option<int?> batch = NumberOption.Create("--batch", $"Images per step (default {defaults.Batch}).", 2, 100_000);
        Option<double?> rate = NumberOption.Create("--learning-rate", $"Highest learning rate of the schedule (default {defaults.LearningRate}).", 1e-9, 1e3);
        Option<int?> width = NumberOption.Create("--width", $"Filters of the first convolutions; fewer are faster (default {defaults.Width}).", 1, 1024);
        Option<double?> dropout = NumberOption.Create("--dropout", $"Share of features to drop before each linear map (default {defaults.Dropout}).", 0, 0.99);
        Option<ulong?> seed = NumberOption.Create("--seed", $"Where all random numbers come from (default {defaults.Seed}).", 0UL, ulong.MaxValue);
        Option<int?> workers = NumberOption.Create("--workers", $"Threads that prepare batches (default {defaults.Workers}). Results do not depend on it.", 1, 256);
        Option<string> folder = new("--out") { Description = "Folder for the model, curves and checkpoints.", HelpName = "FOLDER", DefaultValueFactory = _ => defaults.Out };
        Option<bool> resume = new("--resume") { Description = "Go on where an interrupted run with the same options stopped." };
        Option<bool> restart = new("--restart") { Description = "Discard the checkpoints of an unfinished run in the --out folder." };
        Option<int?> every = NumberOption.Create("--checkpoint-every", $"Steps between checkpoints (default {defaults.CheckpointEvery}); 0 saves them at the end of each epoch only.", 0, int.MaxValue);
        Option<string?> accelerator = new("--accelerator") { Description = "The device to run on: cpu, cuda:0 or opencl:0; the command devices lists what is here.", HelpName = "NAME" };
        Option<int?> limit = NumberOption.Create("--limit", "Use only so many training images: for a quick try.", 20, int.MaxValue);
        Option<int?> watch = NumberOption.Create("--watch", "Show the report in the browser while the training goes on, on this port of this machine; without a number, on any free one.", 0, 65535, bare: 0);
        Command command = new("cifar10", "Train a small VGG with batch norm on the photographs of CIFAR-10, moved about and mirrored at random.")
        {
            data, download, epochs, minutes, batch, rate, width, dropout, seed, workers, folder, resume, restart, every, accelerator, limit, watch,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(resume) && result.GetValue(restart)) result.AddError("--resume goes on with the checkpoints that --restart would discard. Give one of them.");
        });
        command.SetAction(parsed => new Cifar10Run(new()
        {
            Data = parsed.GetValue(data)!,
            Download = parsed.GetValue(download),
            Epochs = parsed.GetValue(epochs) ?? defaults.Epochs,
            Minutes = parsed.GetValue(minutes),
            Batch = parsed.GetValue(batch) ?? defaults.Batch,
            LearningRate = parsed.GetValue(rate) ?? defaults.LearningRate,
            Width = parsed.GetValue(width) ?? defaults.Width,
            Dropout = parsed.GetValue(dropout) ?? defaults.Dropout,
            Seed = parsed.GetValue(seed) ?? defaults.Seed,
            Watch = parsed.GetValue(watch),
            Workers = parsed.GetValue(workers) ?? defaults.Workers,
            Out = parsed.GetValue(folder)!,
            Resume = parsed.GetValue(resume),
            Restart = parsed.GetValue(restart),
            CheckpointEvery = parsed.GetValue(every) ?? defaults.CheckpointEvery,
            Accelerator = parsed.GetValue(accelerator),
            Limit = parsed.GetValue(limit),
        }, output).Run());
        return command;
    }
}
