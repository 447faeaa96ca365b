using System.Text;
using System.Text.Json;

namespace Gradwright.Training;

/// <summary>
/// A JSON object per line: <c>{"epoch":1,"step":100,"learning_rate":0.01,"batch_loss":0.5,"training":{"loss":0.6,"accuracy":0.8}}</c>; a line of an epoch has no
/// <c>batch_loss</c>, but <c>validation</c> where there is any. NaN and infinities, which JSON does not know, are null.
/// </summary>
/// <inheritdoc cref="MetricLog(string, long)" path="/param"/>
public sealed class JsonLinesLog(string path, long every = 0) : MetricLog(path, every)
{
    protected override string Line(Trainer trainer, LogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(entry);
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", entry.Epoch);
            json.WriteNumber("step", entry.Step);
            Write(json, "learning_rate", entry.LearningRate);
            if (entry.BatchLoss is { } loss) Write(json, "batch_loss", loss);
            Write(json, "training", trainer.History.Metrics, entry.Training);
            if (entry.Validation.Count > 0) Write(json, "validation", trainer.History.Metrics, entry.Validation);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> metrics, IReadOnlyList<double> values)
    {
        json.WriteStartObject(name);
        for (int i = 0; i < metrics.Count; i++) Write(json, metrics[i], values[i]);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
