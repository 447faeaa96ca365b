using System.CommandLine;

namespace Gradwright.Examples.Search;

/// <summary>The command line of <see cref="SearchRun"/>.</summary>
internal static class SearchCommand
{
    public static Command Create(TextWriter output)
    {
        SearchOptions defaults = new();
        Option<string> strategy = new("--strategy") { Description = $"{string.Join(", ", SearchRun.Strategies)} (default {defaults.Strategy}).", HelpName = "NAME", DefaultValueFactory = _ => defaults.Strategy };
        Option<int?> trials = NumberOption.Create("--trials", $"Configurations to try (default {defaults.Trials}); a grid takes as many levels as fit.", 2, 100_000);
        Option<int?> workers = NumberOption.Create("--workers", "Processes that try side by side (default: 0, all in this one).", 0, 256);
        Option<int?> epochs = NumberOption.Create("--epochs", $"Epochs of a trial (default {defaults.Epochs}); for halving those of the first rung.", 1, 10_000);
        Option<int?> folds = NumberOption.Create("--folds", "Score each configuration by cross-validation with so many folds (default: 0, one part validates).", 0, 100);
        Option<int?> images = NumberOption.Create("--images", $"Synthetic digits to learn from, and a third as many to validate (default {defaults.Images}).", 30, 1_000_000);
        Option<ulong?> seed = NumberOption.Create("--seed", $"Where all random numbers come from (default {defaults.Seed}).", 0UL, ulong.MaxValue);
        Option<string> folder = new("--folder") { Description = "Folder for results, checkpoints and the picture.", HelpName = "FOLDER", DefaultValueFactory = _ => defaults.Folder };
        Option<TimeSpan?> limit = DurationOption.Create("--trial-limit", "The most that a trial may take; then it ends with the score that it has.");
        Option<bool> resume = new("--resume") { Description = "Go on with the search in the folder; with more --trials, random and bayesian ones go beyond its end." };
        Command command = new("search", "Search for the hyperparameters of a perceptron on digits, also with several processes.") { strategy, trials, workers, epochs, folds, images, limit, seed, folder, resume };
        TrainingArguments.RequireName(command, folder, "folder");
        command.Validators.Add(result =>
        {
            // Tokens: to ask for the value of an option that was given without one would throw.
            if (result.GetResult(strategy)?.Tokens is [{ Value: var name }] && !SearchRun.Strategies.Contains(name)) result.AddError($"--strategy is one of {string.Join(", ", SearchRun.Strategies)}, not '{name}'.");
            if (result.GetResult(folds)?.Tokens is [{ Value: "1" }]) result.AddError("--folds takes 2 or more; 0 validates with one part.");
        });
        command.SetAction(parsed => new SearchRun(new()
        {
            Strategy = parsed.GetValue(strategy)!,
            Trials = parsed.GetValue(trials) ?? defaults.Trials,
            TrialLimit = parsed.GetValue(limit),
            Workers = parsed.GetValue(workers) ?? defaults.Workers,
            Epochs = parsed.GetValue(epochs) ?? defaults.Epochs,
            Folds = parsed.GetValue(folds) ?? defaults.Folds,
            Images = parsed.GetValue(images) ?? defaults.Images,
            Seed = parsed.GetValue(seed) ?? defaults.Seed,
            Folder = parsed.GetValue(folder)!,
            Resume = parsed.GetValue(resume),
        }, output).Run());
        return command;
    }
}
