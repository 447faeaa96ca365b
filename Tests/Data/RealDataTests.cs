using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>
/// The real data sets, in the folder that GRADWRIGHT_DATA names: cifar10/, a folder of class folders cifar10_jpg_subset/, california_housing/housing.csv
/// and tinyshakespeare/input.txt, as far as they are there.
/// </summary>
[TestFixture]
public sealed class RealDataTests
{
    [Test]
    public void Cifar_10_has_its_published_statistics()
    {
        (LabeledImages train, _) = Cifar10.Load(RealData.Find("cifar10"));
        (float[] mean, float[] deviation) = train.Statistics();
        Assert.That(train.Count, Is.EqualTo(50_000));
        Assert.That(mean, Is.EqualTo(new[] { 0.4914f, 0.4822f, 0.4465f }).Within(5e-5));
        Assert.That(deviation, Is.EqualTo(new[] { 0.2470f, 0.2435f, 0.2616f }).Within(5e-5));
        for (int label = 0; label < 10; label++) Assert.That(train.Labels.ToArray().Count(l => l == label), Is.EqualTo(5000));
    }

    [Test]
    public void A_folder_of_photographs_is_decoded()
    {
        if (!JpegFile.IsAvailable) Assert.Ignore("libjpeg-turbo is not installed (apt install libturbojpeg0)");
        var pictures = new ImageFolder(RealData.Find("cifar10_jpg_subset"), new() { Width = 32, Height = 32, Fit = PictureFit.Exact, OnBroken = OnBrokenFile.Skip });
        Assert.That((pictures.Count, pictures.Summary.Broken.Count), Is.EqualTo((1000, 0)));
        Assert.That(pictures.Classes, Is.EqualTo(Cifar10.ClassNames));
        Assert.That(pictures.Statistics().Mean, Is.EqualTo(new[] { 0.491f, 0.482f, 0.447f }).Within(0.02));
    }

    [Test]
    public void California_housing_becomes_samples()
    {
        CsvTable table = CsvTable.Load(RealData.Find("california_housing/housing.csv"));
        long[] rows = [.. Enumerable.Range(0, table.RowCount).Select(i => (long)i)];
        TableColumn bedrooms = new("total_bedrooms", ColumnKind.Number, MissingValue.DropRow), value = new("median_house_value", ColumnKind.Target);
        TableEncoder encoder = TableEncoder.Fit(table, rows, bedrooms, new("ocean_proximity", ColumnKind.OneHot), value);
        Assert.That((table.RowCount, encoder.Features.Count, encoder.Encode(table).DroppedRows), Is.EqualTo((20_640, 6, 207)));
        Assert.That(rows.Average(row => table.Number((int)row, table.ColumnOf(value.Name))), Is.EqualTo(206_855.8).Within(0.05));
    }

    [Test]
    public void Shakespeare_is_encoded_and_comes_back()
    {
        string text = File.ReadAllText(RealData.Find("tinyshakespeare/input.txt"));
        Assert.That((text.Length, CharVocabulary.Of(text).Count), Is.EqualTo((1_115_394, 65)));
        BytePairEncoding pairs = BytePairEncoding.Learn(text, merges: 500);
        int[] tokens = pairs.Encode(text);
        Assert.That(pairs.Decode(tokens), Is.EqualTo(text));
        Assert.That(text.Length / (double)tokens.Length, Is.GreaterThan(2));
    }
}
