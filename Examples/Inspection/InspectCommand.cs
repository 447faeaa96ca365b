using System.CommandLine;

namespace Gradwright.Examples.Inspection;

/// <summary>The command line of <see cref="InspectRun"/>.</summary>
internal static class InspectCommand
{
    public static Command Create(TextWriter output)
    {
        InspectOptions defaults = new();
        Option<int?> images = NumberOption.Create("--images", $"Synthetic digits to learn from (default {defaults.Images}).", 100, 1_000_000);
        Option<int?> epochs = NumberOption.Create("--epochs", $"How often to go through them (default {defaults.Epochs}).", 1, 1000);
        Option<ulong?> seed = NumberOption.Create("--seed", $"Where all random numbers come from (default {defaults.Seed}).", 0UL, ulong.MaxValue);
        Option<string> folder = new("--out") { Description = "Folder for the pictures.", HelpName = "FOLDER", DefaultValueFactory = _ => defaults.Out };
        Command command = new("inspect", "Train a small network on digits and look into it: saliency maps, what classes and units would like to see, decision regions.") { images, epochs, seed, folder };
        TrainingArguments.RequireName(command, folder, "folder");
        command.SetAction(parsed => new InspectRun(new()
        {
            Images = parsed.GetValue(images) ?? defaults.Images,
            Epochs = parsed.GetValue(epochs) ?? defaults.Epochs,
            Seed = parsed.GetValue(seed) ?? defaults.Seed,
            Out = parsed.GetValue(folder)!,
        }, output).Run());
        return command;
    }
}
