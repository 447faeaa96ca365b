using System.CommandLine;

namespace Gradwright.Examples;

/// <summary>The options on the command line that <see cref="TrainingOptions"/> stand for.</summary>
/// <param name="defaults">What is meant where nothing is given.</param>
/// <param name="leastBatch">The smallest batch that can be learned from.</param>
/// <param name="leastLimit">The fewest training images.</param>
/// <param name="limited">What else is limited with them, as a part of a sentence.</param>
internal sealed class TrainingArguments(TrainingOptions defaults, int leastBatch, int leastLimit, string limited = "")
{
    private readonly Option<int?> _epochs = NumberOption.Create("--epochs", $"How often to go through the training images (default {defaults.Epochs}).", 1, 100_000);
    private readonly Option<int?> _batch = NumberOption.Create("--batch", $"Images per step (default {defaults.Batch}).", leastBatch, 100_000);
    private readonly Option<double?> _rate = NumberOption.Create("--learning-rate", $"Highest learning rate of the schedule (default {defaults.LearningRate}).", 1e-9, 1e3);
    private readonly Option<ulong?> _seed = NumberOption.Create("--seed", $"Where all random numbers come from (default {defaults.Seed}).", 0UL, ulong.MaxValue);
    private readonly Option<string> _folder = new("--out") { Description = "Folder for the model, pictures and checkpoints.", HelpName = "FOLDER", DefaultValueFactory = _ => defaults.Out };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on where an interrupted run with the same options stopped." };
    private readonly Option<bool> _restart = new("--restart") { Description = "Discard the checkpoints of an unfinished run in the --out folder." };
    private readonly Option<int?> _every = NumberOption.Create("--checkpoint-every", $"Steps between checkpoints (default {defaults.CheckpointEvery}); 0 saves them at the end of each epoch only.", 0, int.MaxValue);
    private readonly Option<string?> _accelerator = new("--accelerator") { Description = "The device to run on: cpu, cuda:0 or opencl:0; the command devices lists what is here.", HelpName = "NAME" };
    private readonly Option<int?> _limit = NumberOption.Create("--limit", $"Use only so many training images{limited}: for a quick try.", leastLimit, int.MaxValue);
    private readonly Option<int?> _watch = NumberOption.Create("--watch", "Show the report in the browser while the training goes on, on this port of this machine; without a number, on any free one.", 0, 65535, bare: 0);

    /// <summary>Adds them to a command, with what they demand of each other.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_epochs, _batch, _rate, _seed, _folder, _resume, _restart, _every, _accelerator, _limit, _watch]) command.Add(option);
        RequireName(command, _folder, "folder");
        command.Validators.Add(result =>
        {
            if (result.GetValue(_resume) && result.GetValue(_restart)) result.AddError("--resume goes on with the checkpoints that --restart would discard. Give one of them.");
        });
    }

    /// <summary>Refuses an empty text for the name of a file or folder.</summary>
    public static void RequireName(Command command, Option option, string kind) => command.Validators.Add(result =>
    {
        // Tokens: to ask for the value of an option that was given without one would throw.
        if (result.GetResult(option)?.Tokens is [{ Value: "" }]) result.AddError($"{option.Name} takes the name of a {kind}, not an empty text.");
    });

    /// <summary>A command's options, completed by what was given for these.</summary>
    public TOptions Read<TOptions>(ParseResult parsed, TOptions options) where TOptions : TrainingOptions
    {
        TrainingOptions all = options;
        return (TOptions)(all with
        {
            Epochs = parsed.GetValue(_epochs) ?? defaults.Epochs,
            Batch = parsed.GetValue(_batch) ?? defaults.Batch,
            LearningRate = parsed.GetValue(_rate) ?? defaults.LearningRate,
            Seed = parsed.GetValue(_seed) ?? defaults.Seed,
            Out = parsed.GetValue(_folder)!,
            Resume = parsed.GetValue(_resume),
            Restart = parsed.GetValue(_restart),
            CheckpointEvery = parsed.GetValue(_every) ?? defaults.CheckpointEvery,
            Accelerator = parsed.GetValue(_accelerator),
            Limit = parsed.GetValue(_limit),
            Watch = parsed.GetValue(_watch),
        });
    }
}
