using System.CommandLine;

namespace Gradwright.Examples.Digits;

/// <summary>The command line of <see cref="DigitsRun"/>.</summary>
internal static class DigitsCommand
{
    public static Command Create(TextWriter output)
    {
        DigitsOptions defaults = new();
        Option<string?> data = new("--data") { Description = "Folder with MNIST's four idx files, plain or gzip; without it, synthetic digits are drawn.", HelpName = "FOLDER" };
        Option<bool> download = new("--download") { Description = "Download MNIST (11 MB) into the --data folder if it is not there." };
        Option<int?> epochs = NumberOption.Create("--epochs", $"How often to go through the training images (default {defaults.Epochs}).", 1, 100_000);
        Option<int?> batch = NumberOption.Create("--batch", $"Images per step (default {defaults.Batch}).", 1, 100_000);
        Option<double?> rate = NumberOption.Create("--learning-rate", $"Highest learning rate of the schedule (default {defaults.LearningRate}).", 1e-9, 1e3);
        Option<ulong?> seed = NumberOption.Create("--seed", $"Where all random numbers come from (default {defaults.Seed}).", 0UL, ulong.MaxValue);
        Option<int?> threads = NumberOption.Create("--threads", "Threads for the kernels (default: one per core). Results do not depend on it.", 1, WorkerPool.MaxThreads);
        Option<string> folder = new("--out") { Description = "Folder for the model, pictures and checkpoints.", HelpName = "FOLDER", DefaultValueFactory = _ => defaults.Out };
        Option<bool> resume = new("--resume") { Description = "Go on where an interrupted run with the same options stopped." };
        Option<bool> restart = new("--restart") { Description = "Discard the checkpoints of an unfinished run in the --out folder." };
        Option<int?> every = NumberOption.Create("--checkpoint-every", $"Steps between checkpoints (default {defaults.CheckpointEvery}); 0 saves them at the end of each epoch only.", 0, int.MaxValue);
        Option<string?> accelerator = new("--accelerator") { Description = "The device to run on: cpu, cuda:0 or opencl:0; the command devices lists what is here.", HelpName = "NAME" };
        Option<int?> limit = NumberOption.Create("--limit", "Use only so many training images, and a fifth as many to validate and to test: for a quick try.", 10, int.MaxValue);
        Option<string?> report = new("--report") { Description = "File for the report, an HTML page (default: report.html in the --out folder).", HelpName = "FILE" };
        Option<int?> watch = NumberOption.Create("--watch", "Show the report in the browser while the training goes on, on this port of this machine; without a number, on any free one.", 0, 65535, bare: 0);
        Command command = new("digits", "Train a small convolutional network on handwritten digits, save it, load it, look at it.")
        {
            data, download, epochs, batch, rate, seed, threads, folder, resume, restart, every, accelerator, limit, report, watch,
        };
        command.Validators.Add(result =>
        {
            // Tokens: to ask for the value of an option that was given without one would throw.
            foreach (Option option in (Option[])[data, folder, report])
                if (result.GetResult(option)?.Tokens is [{ Value: "" }]) result.AddError($"{option.Name} takes the name of a {(option == report ? "file" : "folder")}, not an empty text.");
            if (result.GetValue(download) && result.GetResult(data) is null) result.AddError("--download needs --data FOLDER: where to put the files.");
            if (result.GetValue(resume) && result.GetValue(restart)) result.AddError("--resume goes on with the checkpoints that --restart would discard. Give one of them.");
        });
        command.SetAction(parsed => new DigitsRun(new()
        {
            Data = parsed.GetValue(data),
            Download = parsed.GetValue(download),
            Epochs = parsed.GetValue(epochs) ?? defaults.Epochs,
            Batch = parsed.GetValue(batch) ?? defaults.Batch,
            LearningRate = parsed.GetValue(rate) ?? defaults.LearningRate,
            Seed = parsed.GetValue(seed) ?? defaults.Seed,
            Threads = parsed.GetValue(threads),
            Out = parsed.GetValue(folder)!,
            Resume = parsed.GetValue(resume),
            Restart = parsed.GetValue(restart),
            CheckpointEvery = parsed.GetValue(every) ?? defaults.CheckpointEvery,
            Accelerator = parsed.GetValue(accelerator),
            Limit = parsed.GetValue(limit),
            Report = parsed.GetValue(report),
            Watch = parsed.GetValue(watch),
        }, output).Run());
        return command;
    }
}
