using System.Globalization;
using System.Text;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Tables as programs all over the world write them: read right, or refused with what to set; never read wrong.</summary>
public sealed class CsvCultureTests
{
    private const string NoBreakSpace = "\u00A0", NarrowSpace = "\u202F";

    private static readonly CsvOptions _french = new()
    {
        Delimiter = ";",
        Numbers = NumberFormatInfo.ReadOnly(new() { NumberDecimalSeparator = ",", NumberGroupSeparator = NarrowSpace }),
    };

    [Test]
    public void Decimal_commas_are_read_as_the_options_say()
    {
        foreach (CsvOptions options in (CsvOptions[])[CsvOptions.DecimalComma, _french])
        {
            CsvTable table = Read("a;b\n1234,5;-1,5e3\n", options);
            Assert.That((table.Number(0, 0), table.Number(0, 1)), Is.EqualTo((1234.5, -1500)));
        }
    }

    [TestCase("1.234,5"), TestCase($"1{NoBreakSpace}234,5"), TestCase($"1{NarrowSpace}234,5"), TestCase("1 234,5"), TestCase("1'234,5"), TestCase("1234.5"), TestCase("1,234.5")]
    public void Groups_of_digits_and_other_points_are_refused_with_the_form_that_is_read(string text)
    {
        foreach (CsvOptions options in (CsvOptions[])[CsvOptions.DecimalComma, _french])
            Assert.That(() => Read($"a;b\n{text};1\n", options).Number(0, 0), Throws.TypeOf<CsvFormatException>().With.Message.Contains("such as 1234,5").And.Message.Contains(text).And.Message.Contains("CsvOptions.Numbers"));
    }

    // The danger: read with the wrong custom they would be categories, and the training would run.
    [TestCase("1,5", "2,25", "3"), TestCase("1.234,5", "2", "3,5"), TestCase($"1{NoBreakSpace}234", "7", "8"), TestCase("1,234.5", "6", "7"), TestCase("-0,5", "", "1,5")]
    public void Numbers_of_another_country_are_not_inferred_to_be_categories(string first, string second, string third)
    {
        CsvTable table = Read($"x;y;z\n{first};1;{first}\n{second};2;1\n{third};1;{third}\n", new() { Delimiter = ";" });
        Assert.That(() => TableColumn.Infer(table, "y"), Throws.TypeOf<CsvFormatException>().With.Message.Contains("line 2, column \"x\"").And.Message.Contains("CsvOptions.DecimalComma"));
        CsvTable targets = Read($"x;y\n1;{first}\n2;{third}\n", new() { Delimiter = ";" });
        Assert.That(() => TableColumn.Infer(targets, "y"), Throws.TypeOf<CsvFormatException>().With.Message.Contains("line 2, column \"y\""));
    }

    [TestCase("1,5", "x"), TestCase("1.2.2020", "2.2.2020"), TestCase("12:30", "13:30"), TestCase("1.2.3", "1.2.4"), TestCase("10,5 kg", "11 kg"), TestCase("1,2,3", "2,3,4")]
    public void Texts_stay_texts(string first, string second)
    {
        CsvTable table = Read($"x;y\n{first};1\n{second};2\n{first};1\n", new() { Delimiter = ";" });
        Assert.That(TableColumn.Infer(table, "y")[0], Is.EqualTo(new TableColumn("x", ColumnKind.OneHot)));
    }

    [Test]
    public void A_table_with_decimal_commas_is_learned_from_as_one_with_points()
    {
        CsvTable commas = Read("x;y\n1,5;0\n2,5;1\n4;0\n", CsvOptions.DecimalComma), points = Read("x,y\n1.5,0\n2.5,1\n4,0\n", new());
        Assert.That(Inputs(commas), Is.EqualTo(Inputs(points)));

        static float[] Inputs(CsvTable table)
        {
            TableDataset data = TableEncoder.Fit(table, [0, 1, 2], TableColumn.Infer(table, "y")).Encode(table);
            byte[] inputs = new byte[3 * 4], targets = new byte[3 * 8];
            data.Gather([0, 1, 2], inputs, targets);
            return [.. inputs.Chunk(4).Select(bytes => BitConverter.ToSingle(bytes))];
        }
    }

    [Test]
    public void Files_of_any_Unicode_form_are_read_where_they_say_which()
    {
        using TemporaryFolder folder = new();
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32])
        {
            File.WriteAllText(folder["table.csv"], "größe,n\n1,2\n", encoding);
            Assert.That(CsvTable.Load(folder["table.csv"]).Columns[0], Is.EqualTo("größe"), encoding.WebName);
        }

        foreach (Encoding encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            File.WriteAllBytes(folder["silent.csv"], encoding.GetBytes("a,b\n1,2\n"));
            Assert.That(() => CsvTable.Load(folder["silent.csv"]), Throws.TypeOf<CsvFormatException>().With.Message.Contains("UTF-16").And.Message.Contains("CsvOptions.Encoding"));
            Assert.That(CsvTable.Load(folder["silent.csv"], new() { Encoding = encoding }).Number(0, 1), Is.EqualTo(2));
        }

        File.WriteAllBytes(folder["lost.csv"], [.. "a,b\n1,2\n3,"u8, .. new byte[64]]);      // as after a power failure
        Assert.That(() => CsvTable.Load(folder["lost.csv"]), Throws.TypeOf<CsvFormatException>().With.Message.Contains("line 3").And.Message.Contains("the character 0"));
        File.WriteAllBytes(folder["empty.csv"], []);
        Assert.That(() => CsvTable.Load(folder["empty.csv"]), Throws.TypeOf<CsvFormatException>().With.Message.Contains("empty.csv").And.Message.Contains("found none"));
    }

    [TestCase("a,b\r1,2\r3,4\r"), TestCase("a,b\r\n1,2\r\n3,4"), TestCase("a,b\n1,2\r\n3,4\r"), TestCase("\n\na,b\n\n1,2\n\n\n3,4\n\n")]
    public void Lines_end_as_any_system_ends_them(string text) => Assert.That((Read(text).RowCount, Read(text).Number(1, 1)), Is.EqualTo((2, 4)));

    [Test]
    public void Quoted_fields_may_hold_anything()
    {
        CsvTable table = Read("\"a\r\nb\",\"c,d\"\n\"x\ry\",\" \"\"quoted\"\" \"\n");
        Assert.That(table.Columns, Is.EqualTo(new[] { "a\r\nb", "c,d" }));
        Assert.That((table.Text(0, 0), table.Text(0, 1)!.Trim()), Is.EqualTo(("x\ry", "\"quoted\"")));
    }

    [Test]
    public void Headers_that_name_no_columns_are_refused_with_a_remedy()
    {
        foreach (string header in (string[])["a,b,a", ",,", " , ,a", "\"\",b, \"\" "])
            Assert.That(() => Read($"{header}\n1,2,3\n"), Throws.TypeOf<CsvFormatException>().With.Message.Contains("a different name for each column").And.Message.Contains("CsvOptions.ColumnNames"), header);
        Assert.That(Read(",,\n1,2,3\n", new() { ColumnNames = ["x", "y", "z"] }).Number(0, 2), Is.EqualTo(3));
        Assert.That(Read("1,2,1\n1,2,3\n", new() { HasHeader = false }).RowCount, Is.EqualTo(2));
    }

    [Test]
    public void A_hundred_thousand_columns_are_a_table()
    {
        const int columns = 100_000;
        string header = string.Join(',', Enumerable.Range(0, columns).Select(i => $"c{i}")), row = string.Join(',', Enumerable.Range(0, columns));
        CsvTable table = Read($"{header}\n{row}\n");
        Assert.That(table.Number(0, table.ColumnOf($"c{columns - 1}")), Is.EqualTo(columns - 1));
        Assert.That(() => Read($"{header}\n{row},1\n"), Throws.TypeOf<CsvFormatException>().With.Message.Contains("expected 100000 fields as in the header, found 100001"));
    }

    [TestCase(""), TestCase("\""), TestCase("\n"), TestCase(" ")]
    public void What_cannot_be_between_fields_is_refused(string delimiter) =>
        Assert.That(() => Read("a,b\n1,2\n", new() { Delimiter = delimiter }), Throws.ArgumentException.With.Message.Contains("a delimiter without quotes"));

    private static CsvTable Read(string text, CsvOptions? options = null) => CsvTable.Read(new StringReader(text), "test.csv", options);
}
