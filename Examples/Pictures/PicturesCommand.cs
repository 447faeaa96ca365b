using System.CommandLine;

namespace Gradwright.Examples.Pictures;

/// <summary>The command line of <see cref="PicturesRun"/>.</summary>
internal static class PicturesCommand
{
    public static Command Create(TextWriter output)
    {
        PicturesOptions defaults = new();
        Option<string?> data = new("--data") { Description = "Folder with a folder of PNG or JPEG pictures for each class; without it, pictures are drawn.", HelpName = "FOLDER" };
        Option<string[]> predict = new("--predict") { Description = "Name these pictures by the network in the --out folder, instead of training one.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
        Option<int?> side = NumberOption.Create("--side", $"Width and height that pictures are cropped and resized to (default {defaults.Side}).", PictureNetwork.LeastSide, 512);
        Option<int?> width = NumberOption.Create("--width", $"Filters of the first convolution; fewer are faster (default {defaults.Width}).", 1, 512);
        Option<int?> workers = NumberOption.Create("--workers", $"Threads that prepare batches (default {defaults.Workers}). Results do not depend on it.", 1, 256);
        Option<bool> strict = new("--strict") { Description = "Refuse a folder with broken files, instead of leaving them out." };
        TrainingArguments training = new(defaults, leastBatch: 2, leastLimit: 20);
        Command command = new("pictures", "Train a network on a folder of pictures, explain it, and let it name new ones.") { data, predict, side, width, workers, strict };
        training.AddTo(command);
        TrainingArguments.RequireName(command, data, "folder");
        command.SetAction(parsed => new PicturesRun(training.Read(parsed, new PicturesOptions
        {
            Data = parsed.GetValue(data),
            Predict = parsed.GetValue(predict) ?? [],
            Side = parsed.GetValue(side) ?? defaults.Side,
            Width = parsed.GetValue(width) ?? defaults.Width,
            Workers = parsed.GetValue(workers) ?? defaults.Workers,
            Strict = parsed.GetValue(strict),
        }), output).Run());
        return command;
    }
}
