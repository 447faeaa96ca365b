using System.Text;
using System.Text.Json;

namespace Gradwright.Training;

/// <summary>
/// The results of a search as a file of JSON lines: what is searched, then a line for each trial that has ended. It is written anew each time and appears whole or not at all,
/// so nothing that has ended is lost, whenever the search is killed.
/// </summary>
internal sealed class SearchJournal : IDisposable
{
    private const string Format = "gradwright search", FileName = "search.jsonl", LockName = "search.lock";
    private const int Version = 1;

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly MemoryStream _text = new();
    private readonly Dictionary<int, JournalEntry> _ended = [];

    /// <summary>Opens the journal of a folder, or begins one.</summary>
    /// <exception cref="IOException">Another search is running there.</exception>
    /// <exception cref="InvalidOperationException">It is the journal of another search.</exception>
    /// <exception cref="FormatException">A line of it is damaged; the message says which.</exception>
    public SearchJournal(string folder, SearchSpace space, SearchGoal goal, ulong seed)
    {
        Directory.CreateDirectory(folder);
        _path = Path.Combine(folder, FileName);
        try
        {
            _lock = new(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"{folder} cannot be locked: another search seems to be running there. Wait for it, or choose another folder. ({e.Message})", e);
        }

        try
        {
            string header = Header(space, goal, seed);
            if (File.Exists(_path)) Read(header, space);
            else Append(header);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds results.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Fills in what is known of a trial.</summary>
    /// <returns>Whether it had ended.</returns>
    /// <exception cref="InvalidOperationException">What was tried under its number is something else.</exception>
    public bool Recall(Trial trial)
    {
        if (!_ended.TryGetValue(trial.Number, out JournalEntry? entry)) return false;
        if (!entry.Position.SequenceEqual(trial.Position) || entry.Budget != trial.Budget || entry.Configuration != trial.Configuration)
            throw new InvalidOperationException($"{_path}: trial {trial.Number} was one with {trial.Space.Describe(entry.Position)} and a budget of {entry.Budget}, but now would be "
                + $"one with {trial.Space.Describe(trial.Position)} and {trial.Budget}. Resume with the same strategy, seed and number of workers, or search in another folder.");
        (trial.State, trial.Score, trial.Message, trial.Seconds, trial.Reports) = (entry.State, entry.Score, entry.Message, entry.Seconds, entry.Reports);
        return true;
    }

    /// <summary>Writes down a trial that has ended.</summary>
    public void Add(Trial trial) => Append(Line(json =>
    {
        json.WriteNumber("trial", trial.Number);
        json.WriteNumber("configuration", trial.Configuration);
        json.WriteNumber("budget", trial.Budget);
        json.WriteStartObject("values");
        foreach ((Hyperparameter hyperparameter, double position) in trial.Space.Hyperparameters.Zip(trial.Position)) json.WriteString(hyperparameter.Name, hyperparameter.Text(position));
        json.WriteEndObject();
        json.WriteString("state", trial.State.ToString());
        if (double.IsFinite(trial.Score)) json.WriteNumber("score", trial.Score);
        else json.WriteNull("score");
        json.WriteString("message", trial.Message);
        json.WriteNumber("seconds", Math.Round(trial.Seconds, 3));
        WriteNumbers(json, "position", trial.Position);
        WriteNumbers(json, "reports", trial.Reports.Where(double.IsFinite));
    }));

    public void Dispose()
    {
        _lock.Dispose();
        _text.Dispose();
    }

    private void Read(string header, SearchSpace space)
    {
        string[] lines = File.ReadAllLines(_path, Encoding.UTF8);
        if (lines.Length == 0 || lines[0] != header)
            throw new InvalidOperationException($"{_path} belongs to another search: it begins with\n{(lines.Length == 0 ? "nothing" : lines[0])}\nbut this one's would with\n{header}\nResume with the same space, goal and seed, or search in another folder.");
        try
        {
            foreach (string line in lines[1..])
            {
                JournalEntry entry = JournalEntry.Parse(line, space);
                if (!_ended.TryAdd(entry.Trial, entry)) throw new FormatException($"trial {entry.Trial} has a line already");
            }
        }
        catch (FormatException e)
        {
            throw new FormatException($"{_path}, line {_ended.Count + 2}: expected a trial, but {e.Message.TrimEnd('.')}. Remove that line: its trial will be repeated.", e);
        }

        foreach (string line in lines) Write(line);
    }

    private void Append(string line)
    {
        Write(line);
        AtomicFile.Write(_path, file => _text.WriteTo(file));
    }

    private void Write(string line) => _text.Write(Encoding.UTF8.GetBytes($"{line}\n"));

    private static string Header(SearchSpace space, SearchGoal goal, ulong seed) => Line(json =>
    {
        json.WriteString("format", Format);
        json.WriteNumber("version", Version);
        json.WriteString("goal", goal.ToString());
        json.WriteNumber("seed", seed);
        json.WriteStartArray("space");
        foreach (Hyperparameter hyperparameter in space.Hyperparameters) json.WriteStringValue(hyperparameter.ToString());
        json.WriteEndArray();
    });

    private static string Line(Action<Utf8JsonWriter> write)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<double> numbers)
    {
        json.WriteStartArray(name);
        foreach (double number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
