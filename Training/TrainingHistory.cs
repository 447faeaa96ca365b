using System.Text;
using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>What each epoch of a training came to, with the curves of it.</summary>
public sealed class TrainingHistory
{
    private readonly List<EpochRecord> _epochs = [];
    private readonly IReadOnlyList<Metric> _metrics;

    internal TrainingHistory(IReadOnlyList<Metric> metrics)
    {
        _metrics = metrics;
        if (metrics.CountBy(metric => metric.Name).FirstOrDefault(entry => entry.Value > 1).Key is { } twice)
            throw new ArgumentException($"Two metrics are called '{twice}', so their values could not be told apart. Give one another name.", nameof(metrics));
    }

    /// <summary>The names of what <see cref="EpochRecord.Training"/> and <see cref="EpochRecord.Validation"/> hold; the loss is the first.</summary>
    public IReadOnlyList<string> Metrics => [.. _metrics.Select(metric => metric.Name)];

    /// <summary>The completed epochs.</summary>
    public IReadOnlyList<EpochRecord> Epochs => _epochs;

    /// <summary>A metric on the training data, by epoch.</summary>
    public double[] Training(string metric) => Column(metric, epoch => epoch.Training);

    /// <summary>A metric on the validation data, by epoch; NaN for an epoch without validation.</summary>
    public double[] Validation(string metric) => Column(metric, epoch => epoch.Validation);

    /// <summary>The epoch with the best value of a metric, the first of equals: by validation where there is any, else by training. Null when there is none.</summary>
    public EpochRecord? Best(string metric)
    {
        int i = IndexOf(metric);
        double sign = _metrics[i].HigherIsBetter ? 1 : -1;
        bool validated = _epochs.Exists(epoch => epoch.Validation.Count > 0);
        return _epochs.Where(epoch => !validated || epoch.Validation.Count > 0)
            .MaxBy(epoch => sign * (validated ? epoch.Validation : epoch.Training)[i]);
    }

    /// <summary>Writes a table with a row per epoch.</summary>
    public void SaveCsv(string path) => AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(ToCsv())));

    /// <summary>The curves, a panel per metric; the loss on a logarithmic axis.</summary>
    public LineChart ToChart(string title)
    {
        LineChart chart = new(title, "epoch");
        foreach (Metric metric in _metrics)
        {
            ChartPanel panel = chart.AddPanel(metric.Name, logarithmic: metric is MeanLoss).Add("training", Training(metric.Name), dashed: true);
            if (_epochs.Exists(epoch => epoch.Validation.Count > 0)) panel.Add("validation", Validation(metric.Name));
        }

        return chart;
    }

    /// <summary>What an epoch came to in a metric: by validation where there is any, else by training.</summary>
    internal double Of(string metric, EpochRecord epoch) => (epoch.Validation.Count > 0 ? epoch.Validation : epoch.Training)[IndexOf(metric)];

    internal void Add(EpochRecord epoch) => _epochs.Add(epoch);

    internal void Replace(IEnumerable<EpochRecord> epochs)
    {
        _epochs.Clear();
        _epochs.AddRange(epochs);
    }

    private string ToCsv()
    {
        StringBuilder text = new();
        text.AppendLine(CsvText.Line(["epoch", "step", "learning rate", "seconds", .. CsvText.Titles(Metrics)]));
        foreach (EpochRecord e in _epochs)
            text.AppendLine(CsvText.Line([$"{e.Epoch}", $"{e.Step}", CsvText.Number(e.LearningRate), $"{e.Seconds:0.###}", .. CsvText.Pairs(e.Training, e.Validation)]));
        return text.ToString();
    }

    private double[] Column(string metric, Func<EpochRecord, IReadOnlyList<double>> values)
    {
        int i = IndexOf(metric);
        return [.. _epochs.Select(epoch => i < values(epoch).Count ? values(epoch)[i] : double.NaN)];
    }

    private int IndexOf(string metric)
    {
        for (int i = 0; i < _metrics.Count; i++)
            if (_metrics[i].Name == metric) return i;
        throw new ArgumentException($"TrainingHistory: there is no metric '{metric}'. There are {string.Join(", ", Metrics)}.", nameof(metric));
    }
}
