using System.Globalization;

namespace Gradwright.Training;

/// <summary>What master and workers say to each other: lines of words. Those of a worker begin with a mark, for it may print other lines too.</summary>
internal static class WorkerMessage
{
    public const string Mark = "\u0001gradwright-search ";
    public const string Ready = "ready", Report = "report", Finished = "finished", Failed = "failed", TimedOut = "timed-out", Overdue = "overdue", Interrupted = "interrupted", Stop = "stop";

    /// <summary>The master's order for a trial.</summary>
    public static string Of(Trial trial) => string.Join(' ', [Number(trial.Number), Number(trial.Configuration), Number(trial.Budget), .. trial.Position.Select(Number)]);

    /// <summary>And back.</summary>
    public static Trial ToTrial(SearchSpace space, string line)
    {
        double[] numbers = [.. line.Split(' ').Select(ToNumber)];
        return new(space, (int)numbers[0], (int)numbers[1], numbers[2], numbers[3..]);
    }

    public static string Number(double value) => CsvText.Number(value);

    public static double ToNumber(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
