using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class TableColumnTests
{
    [Test]
    public void Numbers_and_texts_are_told_apart_and_gaps_are_filled()
    {
        CsvTable table = Read("n,gap,c,cgap,y\n1,2.5,a,x,0.5\n2,,b,,1.5\n3,1e3,a,y,-2\n");
        Assert.That(TableColumn.Infer(table, "y"), Is.EqualTo(new TableColumn[]
        {
            new("n", ColumnKind.Number), new("gap", ColumnKind.Number, MissingValue.Median), new("c", ColumnKind.OneHot), new("cgap", ColumnKind.OneHot, MissingValue.MostFrequent),
            new("y", ColumnKind.ScaledTarget),
        }));
    }

    [Test]
    public void Empty_columns_constant_ones_and_names_are_left_out()
    {
        string rows = string.Concat(Enumerable.Range(0, 60).Select(i => $",same,name {i},{i},{i + 0.5}\n"));
        Assert.That(TableColumn.Infer(Read($"empty,constant,name,x,y\n{rows}"), "y").Select(c => c.Name), Is.EqualTo(new[] { "x", "y" }));
    }

    [TestCase("a\nb\na", ColumnKind.TargetClass)]
    [TestCase("0\n1\n2", ColumnKind.TargetClass)]
    [TestCase("0\n1.5\n2", ColumnKind.ScaledTarget)]
    public void Texts_and_few_whole_numbers_are_classes(string targets, ColumnKind kind)
    {
        CsvTable table = Read("x,y\n" + string.Concat(targets.Split('\n').Select((t, i) => $"{i},{t}\n")));
        Assert.That(TableColumn.Infer(table, "y")[^1].Kind, Is.EqualTo(kind));
    }

    [Test]
    public void What_the_target_is_can_be_said()
    {
        CsvTable table = Read("x,y\n1,0\n2,1\n3,\n");
        Assert.That(TableColumn.Infer(table, "y", classes: false)[^1], Is.EqualTo(new TableColumn("y", ColumnKind.ScaledTarget, MissingValue.DropRow)));
        Assert.That(TableColumn.Infer(table, "y", classes: true)[^1].Kind, Is.EqualTo(ColumnKind.TargetClass));
    }

    [Test]
    public void A_target_that_is_not_there_and_a_table_of_one_column_are_refused()
    {
        Assert.That(() => TableColumn.Infer(Read("x,y\n1,2\n"), "z"), Throws.ArgumentException.With.Message.Contains("no column \"z\"").And.Message.Contains("\"x\", \"y\""));
        Assert.That(() => TableColumn.Infer(Read("x;y\n1;2\n"), "x;y"), Throws.ArgumentException.With.Message.Contains("Is the delimiter right?"));
    }

    [Test]
    public void A_column_of_decimal_commas_is_refused_until_the_options_say_so()
    {
        const string text = "x;y\n1,5;2,5\n2,5;3\n";
        CsvOptions semicolons = new() { Delimiter = ";" };
        Assert.That(() => TableColumn.Infer(CsvTable.Read(new StringReader(text), "t", semicolons), "y"), Throws.TypeOf<CsvFormatException>().With.Message.Contains("CsvOptions.DecimalComma"));
        Assert.That(TableColumn.Infer(CsvTable.Read(new StringReader(text), "t", CsvOptions.DecimalComma), "y").Select(c => c.Kind), Is.EqualTo(new[] { ColumnKind.Number, ColumnKind.ScaledTarget }));
    }

    [Test]
    public void Scaled_targets_come_back_in_their_unit()
    {
        CsvTable table = Read("x,y\n1,100\n2,300\n3,500\n4,9000\n");
        TableEncoder encoder = TableEncoder.Fit(table, [0, 1, 2], TableColumn.Infer(table, "y", classes: false));
        using DataLoader loader = new(encoder.Encode(table), 4);
        using TensorScope scope = new();
        foreach ((_, Tensor y) in loader)
        {
            Assert.That(y.ToArray<float>()[..3], Is.EqualTo(new[] { -1, 0, 1 }.Select(v => v * Math.Sqrt(1.5))).Within(1e-6));
            Assert.That(encoder.Restore(y).ToArray<float>(), Is.EqualTo(new[] { 100, 300, 500, 9000 }).Within(1e-2));
        }
        Assert.That(encoder.TargetUnit, Is.EqualTo(Math.Sqrt(80_000 / 3.0)).Within(1e-9));
    }

    [Test]
    public void Errors_name_the_column_without_values()
    {
        CsvTable table = Read("x,gap,y\n1,,2\n2,,3\n3,5,4\n");
        Assert.That(() => TableEncoder.Fit(table, [0, 1], new("gap", ColumnKind.Number, MissingValue.Mean), new("y", ColumnKind.Target)),
            Throws.TypeOf<CsvFormatException>().With.Message.Contains("column \"gap\""));
    }

    private static CsvTable Read(string text) => CsvTable.Read(new StringReader(text), "t");
}
