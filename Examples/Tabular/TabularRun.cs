using System.Globalization;
using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;
using Gradwright.Training;

namespace Gradwright.Examples.Tabular;

/// <summary>From a CSV file to a prediction of one of its columns: what a network adds to a linear model, on a fifth of the rows that neither has seen.</summary>
internal sealed class TabularRun(TabularOptions options, TextWriter output)
{
    private const int Batch = 128, LinearIterations = 200;
    private const double LearningRate = 3e-3, WeightDecay = 1e-2;

    /// <summary>Does everything.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        CsvTable table = Read();
        TableColumn[] columns = TableColumn.Infer(table, options.Target ?? table.Columns[^1]);
        long[][] parts = SplitRows(table, columns[^1]);
        TableEncoder encoder = TableEncoder.Fit(table, parts[0], columns);
        TableDataset train = encoder.Encode(table, parts[0]), test = encoder.Encode(table, parts[1]);
        bool classifies = encoder.Classes.Count > 0;
        output.WriteLine($"{table}. {columns.Length - 1} of them make {encoder.Features.Count} inputs; the target is \"{columns[^1].Name}\"" +
            $"{(classifies ? $", {encoder.Classes.Count} classes" : "")}. {train.Count:N0} rows to train with, {test.Count:N0} to test with.");
        if (train.DroppedRows + test.DroppedRows is > 0 and int dropped) output.WriteLine($"{dropped} rows without a target are left out.");
        output.WriteLine();

        Func<Tensor, Tensor, Tensor> loss = classifies ? (y, t) => Loss.CrossEntropy(y, t) : (y, t) => Loss.MeanSquaredError(y, t);
        int outputs = classifies ? encoder.Classes.Count : 1;
        using Mlp linear = new(encoder.Features.Count, outputs), network = new(encoder.Features.Count, 128, 64, outputs);
        linear.Initialize(new Generator(options.Seed));
        network.Initialize(new Generator(options.Seed));
        FitLinear(linear, train, loss);
        FitNetwork(network, train, loss);
        Report("linear model", linear, test, encoder);
        Report("network", network, test, encoder);
        return 0;
    }

    private CsvTable Read()
    {
        if (options.Data is null) return Flats.Create(options.Seed);
        if (!File.Exists(options.Data)) throw new FileNotFoundException($"There is no file {Path.GetFullPath(options.Data)}. --data takes the name of a CSV file.");
        return CsvTable.Load(options.Data, options.DecimalComma ? CsvOptions.DecimalComma : null);
    }

    // Every class has the same share in both parts, lest a rare one be in neither.
    private long[][] SplitRows(CsvTable table, TableColumn target)
    {
        if (target.Kind != ColumnKind.TargetClass) return Split.Random(table.RowCount, [4, 1], options.Seed);
        Dictionary<string, int> classes = [];
        int column = table.ColumnOf(target.Name);
        int[] labels = [.. Enumerable.Range(0, table.RowCount).Select(row => table.Text(row, column) ?? "").Select(text => classes.TryAdd(text, classes.Count) ? classes.Count - 1 : classes[text])];
        return Split.Stratified(labels, [4, 1], options.Seed);
    }

    // The best linear model there is: all rows at once, until nothing changes.
    private static void FitLinear(Mlp model, TableDataset data, Func<Tensor, Tensor, Tensor> loss)
    {
        using DataLoader loader = new(data, (int)data.Count);
        using LBfgs optimizer = new(model.Parameters(), iterations: LinearIterations);
        foreach ((Tensor x, Tensor t) in loader) optimizer.Step(() => loss(model.Forward(x), t));
    }

    private void FitNetwork(Mlp model, TableDataset data, Func<Tensor, Tensor, Tensor> loss)
    {
        using DataLoader loader = new(data, Batch, shuffleSeed: options.Seed);
        using AdamW optimizer = new(model.Parameters(), LearningRate, weightDecay: WeightDecay) { Schedule = Schedule.Cosine(LearningRate, options.Epochs * loader.BatchesPerEpoch) };
        new Trainer(model, loss, optimizer, loader).Fit(options.Epochs);
    }

    private void Report(string name, Mlp model, TableDataset data, TableEncoder encoder)
    {
        using DataLoader loader = new(data, (int)data.Count);
        Metric[] metrics = encoder.Classes.Count > 0 ? [new Accuracy(), new FScore(encoder.Classes.Count)] : [new MeanSquaredError(), new MeanAbsoluteError(), new RSquared()];
        Trainer.Evaluate(model, loader, metrics);
        string figures = encoder.Classes.Count > 0
            ? $"{100 * metrics[0].Value:0.0} % right, F1 {metrics[1].Value:0.000}"
            : $"root mean squared error {Number(Math.Sqrt(metrics[0].Value) * encoder.TargetUnit)}, mean absolute error {Number(metrics[1].Value * encoder.TargetUnit)}, R² {metrics[2].Value:0.000}";
        output.WriteLine($"{name,-12}  {figures}");
    }

    private static string Number(double value) => value.ToString(value >= 1000 ? "N0" : "G4", CultureInfo.InvariantCulture);
}
