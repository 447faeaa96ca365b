using System.CommandLine;

namespace Gradwright.Examples.Digits;

/// <summary>The command line of <see cref="DigitsRun"/>.</summary>
internal static class DigitsCommand
{
    public static Command Create(TextWriter output)
    {
        Option<string?> data = new("--data") { Description = "Folder with MNIST's four idx files, plain or gzip; without it, synthetic digits are drawn.", HelpName = "FOLDER" };
        Option<bool> download = new("--download") { Description = "Download MNIST (11 MB) into the --data folder if it is not there." };
        Option<int?> threads = NumberOption.Create("--threads", "Threads for the kernels (default: one per core). Results do not depend on it.", 1, WorkerPool.MaxThreads);
        Option<string?> report = new("--report") { Description = "File for the report, an HTML page (default: report.html in the --out folder).", HelpName = "FILE" };
        TrainingArguments training = new(new DigitsOptions(), leastBatch: 1, leastLimit: 10, limited: ", and a fifth as many to validate and to test");
        Command command = new("digits", "Train a small convolutional network on handwritten digits, save it, load it, look at it.") { data, download, threads, report };
        training.AddTo(command);
        TrainingArguments.RequireName(command, data, "folder");
        TrainingArguments.RequireName(command, report, "file");
        command.Validators.Add(result =>
        {
            if (result.GetValue(download) && result.GetResult(data) is null) result.AddError("--download needs --data FOLDER: where to put the files.");
        });
        command.SetAction(parsed => new DigitsRun(training.Read(parsed, new DigitsOptions
        {
            Data = parsed.GetValue(data),
            Download = parsed.GetValue(download),
            Threads = parsed.GetValue(threads),
            Report = parsed.GetValue(report),
        }), output).Run());
        return command;
    }
}
