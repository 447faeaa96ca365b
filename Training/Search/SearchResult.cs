using System.Globalization;
using System.Text;

namespace Gradwright.Training;

/// <summary>What a search has found.</summary>
public sealed class SearchResult
{
    private const double Border = 0.05;     // so close to the end of a range is at its end

    private readonly string? _folder;

    internal SearchResult(SearchSpace space, SearchGoal goal, string? folder, IReadOnlyList<Trial> trials, bool isComplete)
    {
        (Space, Goal, _folder, IsComplete) = (space, goal, folder, isComplete);
        Trials = [.. trials.Where(trial => trial.State != TrialState.Running)];
        double sign = goal == SearchGoal.Maximize ? -1 : 1;
        Ranking = [.. Trials.Where(trial => trial.HasScore).OrderByDescending(trial => trial.Budget).ThenBy(trial => sign * trial.Score)];
    }

    public SearchSpace Space { get; }

    public SearchGoal Goal { get; }

    /// <summary>Whether the search came to its end; if not, it was interrupted.</summary>
    public bool IsComplete { get; }

    /// <summary>Every trial that has ended, in the order of proposal.</summary>
    public IReadOnlyList<Trial> Trials { get; }

    /// <summary>Those with a score, the best first; a larger budget counts more than any score, since scores of different budgets do not compare.</summary>
    public IReadOnlyList<Trial> Ranking { get; }

    /// <summary>The best trial; of equal ones the first.</summary>
    /// <exception cref="InvalidOperationException">None has a score.</exception>
    public Trial Best => Ranking.Count > 0 ? Ranking[0]
        : throw new InvalidOperationException($"No trial of the search has a score; {Trials.Count} failed{(Trials.Count > 0 ? $", the first since {Trials[0].Message}" : "")}.");

    /// <summary>The best trial's file of weights that <see cref="TrialContext.Watch"/> kept; null where there is none.</summary>
    public string? BestModel => _folder is null || Ranking.Count == 0 ? null : TrialFolder.List(_folder).FirstOrDefault(folder => folder.Configuration == Best.Configuration)?.BestModel;

    /// <summary>A sentence for each range at whose end the best trial lies: better values may be beyond it.</summary>
    public IReadOnlyList<string> BorderWarnings => Ranking.Count < 2 ? [] : [.. Space.Hyperparameters.Select((h, i) => WarningOf(h, Best.Position[i])).OfType<string>()];

    /// <summary>The trials as a table of text, the best first, those without a score at the end.</summary>
    /// <param name="most">How many lines.</param>
    public string ToTable(int most = 20)
    {
        List<string[]> rows = [Titles()];
        rows.AddRange(Sorted().Take(most).Select((trial, i) => Cells(trial, $"{i + 1}", SearchSpace.Format)));
        int[] widths = [.. rows[0].Select((_, column) => rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (string[] row in rows) text.AppendLine(string.Join("  ", row.Select((cell, column) => column == row.Length - 1 ? cell : cell.PadLeft(widths[column]))).TrimEnd());
        if (Trials.Count > most) text.AppendLine(CultureInfo.InvariantCulture, $"… and {Trials.Count - most} more");
        return text.ToString();
    }

    /// <summary>Writes all trials as a table, the best first.</summary>
    public void SaveCsv(string path)
    {
        StringBuilder text = new();
        text.AppendLine(CsvText.Line(Titles()));
        int rank = 0;
        foreach (Trial trial in Sorted()) text.AppendLine(CsvText.Line(Cells(trial, $"{++rank}", CsvText.Number)));
        AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The trials as lines through an axis for each hyperparameter and one for the score, as an SVG picture.</summary>
    public string ToSvg() => new ParallelCoordinates(this).ToSvg();

    /// <summary>Writes <see cref="ToSvg"/> into a file.</summary>
    public void SavePicture(string path) => AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(ToSvg())));

    /// <summary>The table, and the warnings.</summary>
    public override string ToString() => string.Join('\n', [ToTable(), .. BorderWarnings]);

    private IEnumerable<Trial> Sorted() => Ranking.Concat(Trials.Where(trial => !trial.HasScore));

    private string[] Titles() => ["rank", "trial", "score", "budget", .. Space.Hyperparameters.Select(h => h.Name), "seconds", "remark"];

    private string[] Cells(Trial trial, string rank, Func<double, string> number) =>
    [
        rank, $"{trial.Number}", trial.HasScore ? number(trial.Score) : trial.State == TrialState.TimedOut ? "timed out" : "failed", number(trial.Budget), .. Space.Hyperparameters.Select((h, i) => h.Text(trial.Position[i])),
        trial.Seconds.ToString("0.00", CultureInfo.InvariantCulture), (trial.Message ?? (trial.Number == trial.Configuration ? "" : $"continues {trial.Configuration}")).Split('\n')[0],
    ];

    private static string? WarningOf(Hyperparameter hyperparameter, double position)
    {
        if (!hyperparameter.IsOrdered) return null;
        bool few = hyperparameter.Levels <= 1 / Border;
        bool low = few ? position == hyperparameter.Snap(0) : position < Border, high = few ? position == hyperparameter.Snap(1) : position > 1 - Border;
        return !low && !high ? null
            : $"Warning: the best {hyperparameter.Name}, {hyperparameter.Text(position)}, lies at the {(low ? "lower" : "upper")} end of {hyperparameter.Range}. Better ones may lie beyond: search a wider range, if it can be wider.";
    }
}
