using System.Text;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class TableEncoderTests
{
    private const string Text = "size,city,rooms,price,kind\n1,b,2,10,new\n3,a,,20,old\n5,b,4,30,new\n9,c,2,40,old\n";

    [Test]
    public void Numbers_are_standardized_by_the_training_part_alone()
    {
        TableEncoder encoder = TableEncoder.Fit(Table(), [0, 1, 2], new("size", ColumnKind.Number), new("price", ColumnKind.Target));
        (float[] x, float[] y) = Samples<float>(encoder.Encode(Table()));
        double deviation = Math.Sqrt(8.0 / 3);
        Assert.That(x, Is.EqualTo(new[] { -2 / deviation, 0, 2 / deviation, 6 / deviation }).Within(1e-6));
        Assert.That(y, Is.EqualTo(new[] { 10, 20, 30, 40 }));
    }

    [Test]
    public void Categories_become_one_hot_or_their_number_and_unseen_ones_neither()
    {
        TableEncoder encoder = TableEncoder.Fit(Table(), [0, 1, 2], new("city", ColumnKind.OneHot), new("city2", ColumnKind.Index), new("kind", ColumnKind.TargetClass));
        (float[] x, long[] y) = Samples<long>(encoder.Encode(Table()));
        Assert.That(encoder.Features, Is.EqualTo(new[] { "city = a", "city = b", "city2" }));
        Assert.That(x, Is.EqualTo(new[] { 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 2f }));
        Assert.That((encoder.Classes, y), Is.EqualTo((new[] { "new", "old" }, new long[] { 0, 1, 0, 1 })));
        Assert.That(encoder.Encode(Table(), [1, 3]).Labels.ToArray(), Is.EqualTo(new[] { 1, 1 }));
    }

    [TestCase(MissingValue.Mean, 8 / 3f)]
    [TestCase(MissingValue.Median, 2)]
    [TestCase(MissingValue.MostFrequent, 2)]
    public void Missing_numbers_are_filled_from_the_training_part(MissingValue missing, float expected)
    {
        TableEncoder encoder = TableEncoder.Fit(Table(), [0, 1, 2, 3], new("rooms", ColumnKind.RawNumber, missing), new("price", ColumnKind.Target));
        Assert.That(Samples<float>(encoder.Encode(Table(), [1])).Inputs[0], Is.EqualTo(expected).Within(1e-6));
    }

    [Test]
    public void Filled_values_count_in_the_statistics()
    {
        TableEncoder encoder = TableEncoder.Fit(Table(), [0, 1, 2], new("rooms", ColumnKind.Number, MissingValue.Mean), new("price", ColumnKind.Target));
        Assert.That(Samples<float>(encoder.Encode(Table())).Inputs, Is.EqualTo(new[] { -1, 0, 1, -1 }.Select(v => v * Math.Sqrt(1.5))).Within(1e-6));
    }

    [Test]
    public void Rows_with_missing_values_are_dropped_when_asked_and_refused_otherwise()
    {
        TableColumn price = new("price", ColumnKind.Target);
        TableEncoder encoder = TableEncoder.Fit(Table(), [0, 1, 2], new("rooms", ColumnKind.Number, MissingValue.DropRow), price);
        TableDataset data = encoder.Encode(Table(), [3, 1, 0]);
        Assert.That((data.Count, data.DroppedRows, data.Rows.ToArray()), Is.EqualTo((2, 1, new[] { 3, 0 })));
        encoder = TableEncoder.Fit(Table(), [0, 2], new("rooms", ColumnKind.Number), price);
        Assert.That(() => encoder.Encode(Table()), Throws.TypeOf<CsvFormatException>().With.Message.Contains("line 3, column \"rooms\": expected a value").And.Message.Contains("MissingValue"));
    }

    [Test]
    public void A_missing_category_becomes_the_most_frequent_one()
    {
        CsvTable table = Read("c,y\nb,1\na,2\nb,3\n,4\n");
        TableEncoder encoder = TableEncoder.Fit(table, [0, 1, 2], new("c", ColumnKind.OneHot, MissingValue.MostFrequent), new("y", ColumnKind.Target));
        Assert.That(Samples<float>(encoder.Encode(table, [3])).Inputs, Is.EqualTo(new[] { 0, 1f }));
    }

    [Test]
    public void A_saved_encoder_gives_the_same_samples()
    {
        using var folder = new TemporaryFolder();
        TableEncoder encoder = TableEncoder.Fit(Table(), [0, 1, 2], new("size", ColumnKind.Number), new("city", ColumnKind.OneHot, MissingValue.MostFrequent),
            new("rooms", ColumnKind.Number, MissingValue.Median), new("kind", ColumnKind.TargetClass));
        encoder.Save(folder["encoder.json"]);
        TableEncoder loaded = TableEncoder.Load(folder["encoder.json"]);
        Assert.That((loaded.Features, loaded.Classes), Is.EqualTo((encoder.Features, encoder.Classes)));
        Assert.That(Samples<long>(loaded.Encode(Table())).Inputs, Is.EqualTo(Samples<long>(encoder.Encode(Table())).Inputs));
    }

    [Test]
    public void Another_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        TableEncoder.Fit(Table(), [0, 1, 2], new("size", ColumnKind.Number), new("kind", ColumnKind.TargetClass)).Save(folder["encoder.json"]);
        Assert.That(() => BytePairEncoding.Load(folder["encoder.json"]), Throws.TypeOf<FittedFileException>().With.Message.Contains("gradwright-byte-pairs"));
    }

    // From a damaged table to samples: what can be inferred is learned and encoded, or refused.
    [Test]
    public void Mutated_tables_give_samples_or_a_refusal()
    {
        byte[][] files = [Encoding.UTF8.GetBytes(Text), "a;b;y\n1,5;x;0\n2;;1\n3,25;x;0\n"u8.ToArray()];
        Assert.That(Fuzz.Check<CsvFormatException>(files, seed: 6, file =>
        {
            CsvTable table = CsvTable.Read(new StreamReader(new MemoryStream(file)), Fuzz.Name, file.Contains((byte)';') ? CsvOptions.DecimalComma : new());
            TableColumn[] columns = TableColumn.Infer(table, table.Columns[^1]);
            TableEncoder.Fit(table, [.. Enumerable.Range(0, table.RowCount).Select(row => (long)row)], columns).Encode(table);
        }, isRefusal: e => e is ArgumentException && e.Message.Contains(Fuzz.Name)), Is.Positive);
    }

    [Test]
    public void Requests_that_make_no_sense_are_refused()
    {
        TableColumn price = new("price", ColumnKind.Target);
        Assert.That(() => Fit(price), Throws.ArgumentException.With.Message.Contains("at least one input and exactly one target"));
        Assert.That(() => Fit(new TableColumn("size", ColumnKind.Number)), Throws.ArgumentException.With.Message.Contains("exactly one target"));
        Assert.That(() => Fit(new("size", ColumnKind.Number), new("size", ColumnKind.RawNumber), price), Throws.ArgumentException.With.Message.Contains("each column once"));
        Assert.That(() => Fit(new("sizes", ColumnKind.Number), price), Throws.ArgumentException.With.Message.Contains("no column \"sizes\""));
        Assert.That(() => Fit(new("city", ColumnKind.OneHot, MissingValue.Mean), price), Throws.ArgumentException.With.Message.Contains("categories have no Mean"));
        Assert.That(() => Fit(new("size", ColumnKind.Number), new("price", ColumnKind.Target, MissingValue.Median)), Throws.ArgumentException.With.Message.Contains("DropRow"));
        Assert.That(() => Fit(new("city", ColumnKind.Number), price), Throws.TypeOf<CsvFormatException>().With.Message.Contains("line 2, column \"city\""));
        TableEncoder encoder = TableEncoder.Fit(Table(), [0, 2], new("size", ColumnKind.Number), new("kind", ColumnKind.TargetClass));
        Assert.That(() => encoder.Encode(Table()), Throws.TypeOf<CsvFormatException>().With.Message.Contains("one of the 1 classes of the training part (new), found \"old\""));

        static TableEncoder Fit(params TableColumn[] columns) => TableEncoder.Fit(Table(), [0, 1, 2], columns);
    }

    private static CsvTable Table() => Read(string.Join('\n', Text.Split('\n').Select(line => line.Length == 0 ? line : $"{line},{line.Split(',')[1]}")).Replace("kind,city", "kind,city2"));

    private static CsvTable Read(string text) => CsvTable.Read(new StringReader(text), "table.csv");

    private static (float[] Inputs, T[] Targets) Samples<T>(TableDataset data) where T : unmanaged
    {
        using DataLoader loader = new(data, (int)data.Count);
        Batch batch = loader.First();
        return (batch.Input.ToArray<float>(), batch.Target.ToArray<T>());
    }
}
