using System.Globalization;
using System.IO.Compression;
using Gradwright.Data;
using Gradwright.Tests.Data;

namespace Gradwright.Tests.Training.Examinations;

/// <summary>Some hundred samples of well-known data sets, in the folder that GRADWRIGHT_DATA names, scaled to mean 0 and variance 1 or so.</summary>
internal static class RealSamples
{
    /// <summary>Characters of a text window.</summary>
    public const int Window = 32;

    private static readonly char[] _separators = [',', ' '];

    // Measurements of flowers, wines or cells; the class comes last.
    public static ArrayDataset<float, long> Classes(string file, bool shuffled)
    {
        double[][] rows = Numbers($"sklearn/data/{file}", skip: 1);
        return new(Scaled(rows, rows[0].Length - 1), [rows[0].Length - 1], GeneratedData.Mixed([.. rows.Select(row => (long)row[^1])], 1, shuffled), []);
    }

    // As above, of two classes: 0 or 1.
    public static ArrayDataset<float, float> YesOrNo(string file, bool shuffled)
    {
        double[][] rows = Numbers($"sklearn/data/{file}", skip: 1);
        return new(Scaled(rows, rows[0].Length - 1), [rows[0].Length - 1], GeneratedData.Mixed([.. rows.Select(row => (float)row[^1])], 1, shuffled), [1]);
    }

    // Eight rows of eight pixels each.
    public static ArrayDataset<float, long> Digits(bool shuffled)
    {
        double[][] rows = [.. Numbers("sklearn/data/digits.csv.gz").Take(900)];
        float[] x = [.. rows.SelectMany(row => row[..64].Select(pixel => (float)((pixel - 4.9) / 6)))];
        return new(x, [8, 8], GeneratedData.Mixed([.. rows.Select(row => (long)row[^1])], 1, shuffled), []);
    }

    public static ArrayDataset<float, float> Diabetes(bool shuffled)
    {
        double[][] rows = [.. Numbers("sklearn/data/diabetes_data.csv.gz").Zip(Numbers("sklearn/data/diabetes_target.csv.gz"), (x, t) => (double[])[.. x, t[0]])];
        return Regression(rows, shuffled);
    }

    // Eight numbers of a block of houses, and what they are worth. Rows without a number are left out.
    public static ArrayDataset<float, float> Houses(bool shuffled)
    {
        double[][] rows = [.. File.ReadLines(RealData.Find("california_housing/housing.csv")).Skip(1).Select(line => line.Split(',')).Where(fields => !fields.Take(9).Contains(""))
            .Where((_, i) => i % 20 == 0).Select(fields => fields.Take(9).Select(Parse).ToArray())];
        return Regression(rows, shuffled);
    }

    public static ArrayDataset<float, long> Mnist(bool shuffled) => Images(Gradwright.Data.Mnist.Load(RealData.Find("mnist")).Test, 0.13f, 0.31f, shuffled);

    public static ArrayDataset<float, long> Cifar(bool shuffled)
        => Images(CifarFile.Read([RealData.Find("cifar10/data_batch_1.bin")], [10], 0), 0.47f, 0.25f, shuffled);

    // Windows of Shakespeare's text, one beside the other; the next character has to be told.
    public static ArrayDataset<long, long> NextCharacters(bool shuffled)
    {
        const int Count = 600;
        long[] tokens = Text(Count * Window + 1);
        return new(tokens.AsMemory(0, Count * Window), [Window], GeneratedData.Mixed(tokens[1..], Window, shuffled), [Window]);
    }

    // Windows of the text; in every second one the characters were mixed. Which is which?
    public static ArrayDataset<long, long> MixedOrNot(bool shuffled)
    {
        const int Count = 600;
        Generator random = new(97);
        long[] tokens = Text(Count * Window);
        for (int i = 1; i < Count; i += 2) random.Shuffle(tokens.AsSpan(i * Window, Window));
        return new(tokens, [Window], GeneratedData.Mixed([.. Enumerable.Range(0, Count).Select(i => i % 2L)], 1, shuffled), []);
    }

    /// <summary>Different characters in the text.</summary>
    public static int Characters { get; } = 65;

    private static long[] Text(int count)
    {
        string text = File.ReadAllText(RealData.Find("tinyshakespeare/input.txt"));
        return [.. CharVocabulary.Of(text).Encode(text).Take(count).Select(token => (long)token)];
    }

    private static ArrayDataset<float, long> Images(LabeledImages all, float mean, float deviation, bool shuffled)
    {
        LabeledImages images = all[..600];
        float[] x = [.. images.Pixels.Span.ToArray().Select(pixel => (pixel / 255f - mean) / deviation)];
        return new(x, [images.Channels, images.Height, images.Width], GeneratedData.Mixed([.. images.Labels.Span.ToArray().Select(label => (long)label)], 1, shuffled), []);
    }

    private static ArrayDataset<float, float> Regression(double[][] rows, bool shuffled)
    {
        int columns = rows[0].Length;
        float[] all = Scaled(rows, columns), x = [.. all.Where((_, i) => i % columns < columns - 1)], t = [.. all.Where((_, i) => i % columns == columns - 1)];
        return new(x, [columns - 1], GeneratedData.Mixed(t, 1, shuffled), [1]);
    }

    // Each of the first columns with mean 0 and variance 1.
    private static float[] Scaled(double[][] rows, int columns)
    {
        float[] x = new float[rows.Length * columns];
        for (int j = 0; j < columns; j++)
        {
            double mean = rows.Average(row => row[j]), deviation = Math.Sqrt(rows.Average(row => (row[j] - mean) * (row[j] - mean)));
            for (int i = 0; i < rows.Length; i++) x[i * columns + j] = (float)((rows[i][j] - mean) / deviation);
        }

        return x;
    }

    private static double[][] Numbers(string name, int skip = 0)
    {
        using FileStream file = File.OpenRead(RealData.Find(name));
        using StreamReader reader = new(name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(skip)
            .Select(line => line.Split(_separators, StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToArray())];
    }

    private static double Parse(string number) => double.Parse(number, CultureInfo.InvariantCulture);
}
