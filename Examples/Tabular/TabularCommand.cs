using System.CommandLine;

namespace Gradwright.Examples.Tabular;

/// <summary>The command line of <see cref="TabularRun"/>.</summary>
internal static class TabularCommand
{
    public static Command Create(TextWriter output)
    {
        TabularOptions defaults = new();
        Option<string?> data = new("--data") { Description = "A CSV file with a header; without it, a table of flats and their rents is made up.", HelpName = "FILE" };
        Option<string?> target = new("--target") { Description = "The column to predict (default: the last). Text, or a few whole numbers, are classes.", HelpName = "COLUMN" };
        Option<bool> comma = new("--decimal-comma") { Description = "The file has semicolons between fields and commas in numbers." };
        Option<int?> epochs = NumberOption.Create("--epochs", $"How often to go through the rows (default {defaults.Epochs}).", 1, 100_000);
        Option<ulong?> seed = NumberOption.Create("--seed", $"Where all random numbers come from (default {defaults.Seed}).", 0UL, ulong.MaxValue);
        Command command = new("tabular", "Predict a column of a table from the others, by a linear model and by a network.") { data, target, comma, epochs, seed };
        command.SetAction(parsed => new TabularRun(new()
        {
            Data = parsed.GetValue(data),
            Target = parsed.GetValue(target),
            DecimalComma = parsed.GetValue(comma),
            Epochs = parsed.GetValue(epochs) ?? defaults.Epochs,
            Seed = parsed.GetValue(seed) ?? defaults.Seed,
        }, output).Run());
        return command;
    }
}
