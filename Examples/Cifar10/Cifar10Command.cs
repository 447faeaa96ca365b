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
        Option<double?> minutes = NumberOption.Create("--minutes", "Stop after so much time at the latest; --resume goes on.", 0.001, 1e6);
        Option<int?> width = NumberOption.Create("--width", $"Filters of the first convolutions; fewer are faster (default {defaults.Width}).", 1, 1024);
        Option<double?> dropout = NumberOption.Create("--dropout", $"Share of features to drop before each linear map (default {defaults.Dropout}).", 0, 0.99);
        Option<int?> workers = NumberOption.Create("--workers", $"Threads that prepare batches (default {defaults.Workers}). Results do not depend on it.", 1, 256);
        TrainingArguments training = new(defaults, leastBatch: 2, leastLimit: 20);
        Command command = new("cifar10", "Train a small VGG with batch norm on the photographs of CIFAR-10, moved about and mirrored at random.")
        {
            data, download, minutes, width, dropout, workers,
        };
        training.AddTo(command);
        TrainingArguments.RequireName(command, data, "folder");
        command.SetAction(parsed => new Cifar10Run(training.Read(parsed, new Cifar10Options
        {
            Data = parsed.GetValue(data)!,
            Download = parsed.GetValue(download),
            Minutes = parsed.GetValue(minutes),
            Width = parsed.GetValue(width) ?? defaults.Width,
            Dropout = parsed.GetValue(dropout) ?? defaults.Dropout,
            Workers = parsed.GetValue(workers) ?? defaults.Workers,
        }), output).Run());
        return command;
    }
}
