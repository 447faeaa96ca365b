using System.Text.Json;

namespace Gradwright.Training;

/// <summary>A line of a <see cref="SearchJournal"/>: a trial that has ended.</summary>
internal sealed record JournalEntry(int Trial, int Configuration, double Budget, double[] Position, TrialState State, double Score, string? Message, double Seconds, double[] Reports)
{
    /// <summary>Reads a line of a search in a space.</summary>
    /// <exception cref="FormatException">It is no JSON, something is missing, or is not what it should be.</exception>
    public static JournalEntry Parse(string line, SearchSpace space)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement json = document.RootElement;
            TrialState state = json.GetProperty("state").GetString() switch
            {
                nameof(TrialState.Finished) => TrialState.Finished,
                nameof(TrialState.Failed) => TrialState.Failed,
                nameof(TrialState.TimedOut) => TrialState.TimedOut,
                var other => throw new FormatException($"its state is \"{other}\""),
            };
            double score = state == TrialState.Finished || state == TrialState.TimedOut && json.GetProperty("score").ValueKind == JsonValueKind.Number ? json.GetProperty("score").GetDouble() : double.NaN;
            if (state == TrialState.Finished && !double.IsFinite(score)) throw new FormatException($"its score is {score}");
            double[] position = Numbers("position");
            if (position.Length != space.Hyperparameters.Count || position.Any(p => p is not (>= 0 and <= 1)))
                throw new FormatException($"its position, [{string.Join(", ", position)}], is not one number from 0 to 1 for each of {space.Hyperparameters.Count} hyperparameters");
            return new(json.GetProperty("trial").GetInt32(), json.GetProperty("configuration").GetInt32(), json.GetProperty("budget").GetDouble(), position, state, score,
                json.GetProperty("message").GetString(), json.GetProperty("seconds").GetDouble(), Numbers("reports"));

            double[] Numbers(string name) => [.. json.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(e.Message, e);
        }
    }
}
