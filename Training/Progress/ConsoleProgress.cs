using System.Diagnostics;
using Spectre.Console;

namespace Gradwright.Training;

/// <summary>
/// Shows how a training goes: in a terminal a bar with loss, metrics, speed and remaining time, elsewhere plain lines; in both a line for
/// each epoch, and after an interruption one that says how to go on.
/// </summary>
public sealed class ConsoleProgress : ITrainingCallback
{
    private static readonly TimeSpan _lineEvery = TimeSpan.FromSeconds(10), _barEvery = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _output;
    private readonly ProgressBar? _bar;
    private long _firstStep, _started, _shown;
    private double _steps;
    private string? _refusal;

    /// <summary>Writes to the standard output.</summary>
    public ConsoleProgress()
    {
        _output = Console.Out;
        if (!Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive) _bar = new();
    }

    /// <summary>Writes plain lines.</summary>
    public ConsoleProgress(TextWriter output) => _output = output;

    void ITrainingCallback.Started(Trainer trainer)
    {
        _firstStep = trainer.Step;
        _started = _shown = Stopwatch.GetTimestamp();
        _steps = trainer.Epochs * trainer.Data.BatchesPerEpoch;
    }

    void ITrainingCallback.EpochStarted(Trainer trainer) => _bar?.Open(_steps, trainer.Step, $"epoch {trainer.Epoch + 1}/{trainer.Epochs}");

    void ITrainingCallback.StepEnded(Trainer trainer, double loss)
    {
        if (trainer.CaptureRefusal is { } refusal && refusal != _refusal) _output.WriteLine($"Steps run as usual, without being captured. {_refusal = refusal}");
        if (Stopwatch.GetElapsedTime(_shown) < (_bar is null ? _lineEvery : _barEvery)) return;
        _shown = Stopwatch.GetTimestamp();
        double speed = (trainer.Step - _firstStep) / Stopwatch.GetElapsedTime(_started).TotalSeconds;
        TimeSpan left = TimeSpan.FromSeconds(Math.Max(0, _steps - trainer.Step) / speed);
        string state = $"epoch {trainer.Epoch + 1}/{trainer.Epochs}  {Describe(trainer.Running)}  {speed:0} steps/s  {left:mm\\:ss} left";
        if (_bar is null) _output.WriteLine($"{state}  (step {trainer.Step} of {_steps})");
        else _bar.Show(trainer.Step, state);
    }

    void ITrainingCallback.EpochEnded(Trainer trainer, EpochRecord epoch)
    {
        _bar?.Close();
        IReadOnlyList<Metric> metrics = trainer.Running;
        string validation = epoch.Validation.Count == 0 ? "" : $"   validation {Describe(metrics, epoch.Validation)}";
        _output.WriteLine($"epoch {epoch.Epoch}/{trainer.Epochs}   training {Describe(metrics, epoch.Training)}{validation}   {epoch.Seconds:0.0} s");
    }

    void ITrainingCallback.Ended(Trainer trainer, TrainingEnd? end)
    {
        _bar?.Close();
        if (end is TrainingEnd.Cancelled or TrainingEnd.TimeLimit)
            _output.WriteLine($"{(end == TrainingEnd.Cancelled ? "Interrupted" : "The time was over")} after step {trainer.Step} of {_steps}. {HowToGoOn(trainer)}");
    }

    private static string HowToGoOn(Trainer trainer) => trainer.Checkpoints?.List() is [.., { } last]
        ? $"{last.Path} holds everything: Trainer.Resume() goes on from step {last.Step}."
        : "No checkpoint was saved (Trainer.Checkpoints is not set): what was learned is in the model only.";

    private static string Describe(IReadOnlyList<Metric> metrics) => Describe(metrics, [.. metrics.Select(metric => metric.Value)]);

    private static string Describe(IReadOnlyList<Metric> metrics, IReadOnlyList<double> values)
        => string.Join("  ", metrics.Select((metric, i) => $"{metric.Name} {metric.Format(values[i])}"));
}
