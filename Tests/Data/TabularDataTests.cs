using System.IO.Compression;
using Gradwright.Data;
using Gradwright.Layers;
using Gradwright.Models;
using Gradwright.Optim;
using Gradwright.Training;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Well-known tables, in the folder that GRADWRIGHT_DATA names, learned by what a user would write.</summary>
[TestFixture]
public sealed class TabularDataTests
{
    [Test]
    public void A_network_beats_linear_regression_on_california_housing_by_a_quarter()
    {
        string path = RealData.Find("california_housing/housing.csv");

        CsvTable table = CsvTable.Load(path);
        long[][] parts = Split.Random(table.RowCount, [4, 1], seed: 1);
        TableEncoder encoder = TableEncoder.Fit(table, parts[0], TableColumn.Infer(table, target: "median_house_value"));
        using DataLoader train = new(encoder.Encode(table, parts[0]), batchSize: 128, shuffleSeed: 1), test = new(encoder.Encode(table, parts[1]), batchSize: 1024);
        using var model = new Mlp(encoder.Features.Count, 128, 64, 1);
        model.Initialize(new Generator(1));
        using var optimizer = new AdamW(model.Parameters(), learningRate: 3e-3) { Schedule = Schedule.Cosine(3e-3, 40 * train.BatchesPerEpoch) };
        new Trainer(model, (y, t) => Loss.MeanSquaredError(y, t), optimizer, train).Fit(epochs: 40);
        var error = new MeanSquaredError();
        Trainer.Evaluate(model, test, error);
        double dollars = encoder.TargetUnit * Math.Sqrt(error.Value);

        double linear = encoder.TargetUnit * Math.Sqrt(LeastSquares(encoder.Encode(table, parts[0]), encoder.Encode(table, parts[1])));
        TestContext.Out.WriteLine($"root mean squared error: {dollars:0} with the network, {linear:0} with linear regression, {1 - dollars / linear:P1} less");
        Assert.That(linear, Is.InRange(65_000, 73_000));        // what least squares is known to give
        Assert.That(dollars, Is.LessThan(0.75 * linear));
    }

    [TestCase("iris.csv", 150, 4, 3, 0.93)]
    [TestCase("wine_data.csv", 178, 13, 3, 0.95)]
    [TestCase("breast_cancer.csv", 569, 30, 2, 0.95)]
    public void Classes_of_a_table_are_learned(string file, int rows, int features, int classes, double least)
    {
        // The files begin with their size and the classes' names instead of a header.
        string[] names = [.. Enumerable.Range(0, features).Select(i => $"x{i}"), "class"];
        CsvTable table = CsvTable.Load(RealData.Find($"sklearn/data/{file}"), new() { HasHeader = false, SkippedRows = 1, ColumnNames = names });
        Assert.That(table.RowCount, Is.EqualTo(rows));
        TableColumn[] columns = TableColumn.Infer(table, "class");
        int[] labels = [.. Enumerable.Range(0, rows).Select(row => (int)table.Number(row, features)!.Value)];
        CrossValidationResult result = CrossValidation.Run(KFold.Stratified(labels, k: 5, seed: 1), fold =>
        {
            TableEncoder encoder = TableEncoder.Fit(table, fold.Train, columns);
            Assert.That((encoder.Features.Count, encoder.Classes.Count), Is.EqualTo((features, classes)));
            Accuracy accuracy = new();
            using Mlp model = Train(encoder.Encode(table, fold.Train), classes, (y, t) => Loss.CrossEntropy(y, t));
            using DataLoader validation = new(encoder.Encode(table, fold.Validation), 64);
            Trainer.Evaluate(model, validation, accuracy);
            return [accuracy];
        });
        TestContext.Out.WriteLine(result);
        Assert.That(result.Mean("accuracy"), Is.GreaterThan(least));
    }

    [Test]
    public void Diabetes_is_predicted_no_worse_than_by_least_squares()
    {
        CsvTable table = Diabetes();
        TableColumn[] columns = TableColumn.Infer(table, "progression", classes: false);
        List<double> linear = [];
        CrossValidationResult result = CrossValidation.Run(KFold.Random(table.RowCount, k: 5, seed: 1), fold =>
        {
            TableEncoder encoder = TableEncoder.Fit(table, fold.Train, columns);
            MeanSquaredError error = new();
            TableDataset train = encoder.Encode(table, fold.Train), test = encoder.Encode(table, fold.Validation);
            using Mlp model = Train(train, 1, (y, t) => Loss.MeanSquaredError(y, t));
            using DataLoader validation = new(test, 64);
            Trainer.Evaluate(model, validation, error);
            linear.Add(LeastSquares(train, test));
            return [error];
        });
        TestContext.Out.WriteLine($"{result}; least squares {linear.Average():0.0000}");
        Assert.That(result.Mean("mean squared error"), Is.LessThan(0.6).And.LessThan(1.05 * linear.Average()));
    }

    // Few rows: a small network, and strong decay.
    private static Mlp Train(TableDataset data, int outputs, Func<Tensor, Tensor, Tensor> loss)
    {
        const int epochs = 60;
        Mlp model = new((int)data.Input.Shape[0], 16, outputs);
        model.Initialize(new Generator(1));
        using DataLoader loader = new(data, 16, shuffleSeed: 1);
        using AdamW optimizer = new(model.Parameters(), 5e-3, weightDecay: 0.1) { Schedule = Schedule.Cosine(5e-3, epochs * loader.BatchesPerEpoch) };
        new Trainer(model, loss, optimizer, loader).Fit(epochs);
        return model;
    }

    private static double LeastSquares(TableDataset train, TableDataset test)
    {
        using Mlp model = new((int)train.Input.Shape[0], 1);
        model.Initialize(new Generator(1));
        using LBfgs optimizer = new(model.Parameters(), iterations: 200);
        using DataLoader all = new(train, (int)train.Count), others = new(test, (int)test.Count);
        foreach ((Tensor x, Tensor t) in all) optimizer.Step(() => Loss.MeanSquaredError(model.Forward(x), t));
        MeanSquaredError error = new();
        Trainer.Evaluate(model, others, error);
        return error.Value;
    }

    // Inputs and targets are in two files, separated by spaces.
    private static CsvTable Diabetes()
    {
        string[][] inputs = Lines("diabetes_data.csv.gz"), targets = Lines("diabetes_target.csv.gz");
        string header = string.Join(',', Enumerable.Range(0, inputs[0].Length).Select(i => $"x{i}").Append("progression"));
        IEnumerable<string> rows = inputs.Zip(targets, (x, y) => string.Join(',', x.Concat(y)));
        return CsvTable.Read(new StringReader(string.Join('\n', rows.Prepend(header))), "diabetes");

        static string[][] Lines(string file)
        {
            using GZipStream unpacked = new(File.OpenRead(RealData.Find($"sklearn/data/{file}")), CompressionMode.Decompress);
            return [.. new StreamReader(unpacked).ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        }
    }
}
