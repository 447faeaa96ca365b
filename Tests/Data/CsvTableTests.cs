using System.Text;
using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

[TestFixture]
public sealed class CsvTableTests
{
    [Test]
    public void Fields_are_found_by_name_and_numbers_read()
    {
        CsvTable table = Read("name, size ,\"a \"\"b\"\", c\"\nx,1.5,\"two\nlines\"\n\n y ,-2e3, \n");
        Assert.That(table.Columns, Is.EqualTo(new[] { "name", "size", "a \"b\", c" }));
        Assert.That(table.RowCount, Is.EqualTo(2));
        Assert.That((table.Text(0, 2), table.Text(1, 0), table.Text(1, 2)), Is.EqualTo(("two\nlines", "y", (string?)null)));
        Assert.That((table.Number(0, table.ColumnOf("size")), table.Number(1, 1)), Is.EqualTo((1.5, -2000)));
        Assert.That(() => table.ColumnOf("Size"), Throws.ArgumentException.With.Message.Contains("\"name\", \"size\""));
    }

    [Test]
    public void Decimal_commas_are_read_when_asked_for_and_never_taken_for_separators()
    {
        CsvTable table = Read("a;b\n1,5;-0,25\n", CsvOptions.DecimalComma);
        Assert.That((table.Number(0, 0), table.Number(0, 1)), Is.EqualTo((1.5, -0.25)));
        CsvTable unaware = Read("a;b\n1,5;x\n", new() { Delimiter = ";" });
        Assert.That(() => unaware.Number(0, 0),
            Throws.TypeOf<CsvFormatException>().With.Message.Contains("line 2, column \"a\": expected a finite number such as 1234.5, found \"1,5\""));
    }

    [TestCase("inf")]
    [TestCase("1e999")]
    [TestCase("0x10")]
    [TestCase("1 2")]
    public void What_is_no_finite_number_is_refused(string text) =>
        Assert.That(() => Read($"a,b\n{text},1\n").Number(0, 0), Throws.TypeOf<CsvFormatException>().With.Message.Contains(text));

    [Test]
    public void Missing_values_are_marked_as_the_file_does()
    {
        CsvTable table = Read("a,b\n?,NA\n-,0\n", new() { MissingMarks = ["-"] });
        Assert.That((table.Text(0, 0), table.Text(0, 1), table.Text(1, 0), table.Text(1, 1)), Is.EqualTo(("?", "NA", (string?)null, "0")));
        Assert.That(Read("a,b\n?,NA\n").Text(0, 0), Is.Null);
    }

    [Test]
    public void Ragged_rows_are_refused_with_their_line_or_skipped()
    {
        const string text = "a,b\n1,2\n3\n\"x\ny\",5\n6,7,8\n9,10\n";
        Assert.That(() => Read(text), Throws.TypeOf<CsvFormatException>().With.Message.Contains("test.csv, line 3: expected 2 fields as in the header, found 1"));
        CsvTable table = Read(text, new() { OnRagged = OnRaggedRow.Skip });
        Assert.That((table.RowCount, table.SkippedLines.ToArray()), Is.EqualTo((3, new[] { 3, 6 })));
        Assert.That(table.Place(2, 1), Is.EqualTo("test.csv, line 7, column \"b\""));
    }

    [Test]
    public void Columns_without_a_header_have_numbers_or_given_names()
    {
        Assert.That(Read("1,2\n3,4\n", new() { HasHeader = false }).Columns, Is.EqualTo(new[] { "0", "1" }));
        CsvTable table = Read("150,4,setosa\n1,2\n3,4\n", new() { SkippedRows = 1, HasHeader = false, ColumnNames = ["x", "y"] });
        Assert.That((table.RowCount, table.Number(1, table.ColumnOf("y"))), Is.EqualTo((2, 4)));
        Assert.That(Read("p,q\n1,2\n", new() { ColumnNames = ["x", "y"] }).RowCount, Is.EqualTo(1), "given names replace the header");
    }

    [Test]
    public void Files_that_are_no_tables_are_refused()
    {
        AssertRefused("", "a header and at least one row, found none");
        AssertRefused("a,b\n", "found none");
        AssertRefused("a,b,a\n1,2,3\n", "found \"a\" twice, as number 0 and 2");
        AssertRefused("a,b\n1,x\"y\n", "line 2: expected quotes around whole fields");
        AssertRefused("a,b\n1,\"x\n2,3\n", "found one elsewhere, or one that is never closed");
        AssertRefused($"a,b\n1,{new string('x', 101)}\n", "at most 100 characters");
        AssertRefused($"a,b\n1,\"{string.Concat(Enumerable.Repeat("x,y\n", 100))}", "Is a quote not closed?");

        static void AssertRefused(string text, string reason) =>
            Assert.That(() => Read(text, new() { MaxFieldLength = 100 }), Throws.TypeOf<CsvFormatException>().With.Message.Contains(reason));
    }

    [Test]
    public void Bytes_that_are_no_characters_are_refused_unless_the_encoding_is_given()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["latin.csv"], [.. "city,n\nK"u8, 0xF6, .. "ln,1\n"u8]);
        Assert.That(() => CsvTable.Load(folder["latin.csv"]), Throws.TypeOf<CsvFormatException>().With.Message.Contains("characters in utf-8"));
        Assert.That(CsvTable.Load(folder["latin.csv"], new() { Encoding = Encoding.Latin1 }).Text(0, 0), Is.EqualTo("Köln"));
        File.WriteAllText(folder["bom.csv"], "a,b\n1,2\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.That(CsvTable.Load(folder["bom.csv"]).Columns[0], Is.EqualTo("a"));
    }

    [Test]
    public void Damaged_files_give_a_table_or_a_format_exception()
    {
        byte[][] files = [.. ((string[])["a,b,c\n1,\"x, y\",3.5\n2,\"p \"\"q\"\"\",-1e4\n,,?\n", "a;b\r\n1,5;2\r\n", "\"a\nb\",c\n1,2\n3,Kö\n"]).Select(Encoding.UTF8.GetBytes)];
        CsvOptions options = new() { MaxFieldLength = 64 };
        Assert.That(Fuzz.Check<CsvFormatException>(files, seed: 3, file =>
        {
            CsvTable table = Read(file, options with { OnRagged = file.Length % 2 == 0 ? OnRaggedRow.Skip : OnRaggedRow.Refuse });
            for (int row = 0; row < table.RowCount; row++) table.Number(row, 0);
        }), Is.Positive);
        Assert.That(Fuzz.Check<CsvFormatException>(files, seed: 4, file => Read(file, CsvOptions.DecimalComma with { MaxFieldLength = 64, HasHeader = file.Length % 2 == 0, OnRagged = OnRaggedRow.Skip })), Is.Positive);

        static CsvTable Read(byte[] file, CsvOptions options)
        {
            using StreamReader reader = new(new MemoryStream(file), options.Encoding);
            return CsvTable.Read(reader, Fuzz.Name, options);
        }
    }

    private static CsvTable Read(string text, CsvOptions? options = null) => CsvTable.Read(new StringReader(text), "test.csv", options);
}
