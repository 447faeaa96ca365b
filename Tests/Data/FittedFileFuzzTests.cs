using Gradwright.Data;
using NUnit.Framework;

namespace Gradwright.Tests.Data;

/// <summary>Mutations of every JSON file that keeps what was learned from data: they give something that can be used, or are refused by name.</summary>
public sealed class FittedFileFuzzTests
{
    private static readonly ImageShape _shape = new(3, 8, 8);
    private static readonly FeatureExtractor[] _extractors = [new HistogramOfOrientedGradients { CellSize = 4, BlockSize = 1, Bins = 2 }, ColourHistogram.PerChannel(2)];

    private static IEnumerable<TestCaseData> Kinds()
    {
        yield return Kind("table encoder", path => Encoder().Save(path), path => TableEncoder.Load(path).Encode(Table()));
        yield return Kind("k-means", path => Means().Save(path), path => Use(KMeans.Load(path), means => means.Nearest(new float[means.Dimension])));
        yield return Kind("principal components", path => PrincipalComponents.Fit(Pictures(), 2).Save(path), path => Use(PrincipalComponents.Load(path), pca => pca.Restore(pca.Transform(new float[pca.Features]))));
        yield return Kind("whitening", path => new Whitening(PrincipalComponents.Fit(Pictures(), 2), 0.01).Save(path), path => Use(Whitening.Load(path), whitening => whitening.Zca(new float[whitening.Components.Features])));
        yield return Kind("feature set", path => FeatureSet.Fit(Pictures(), [.. _extractors, VisualCodebook.Fit(Pictures(), words: 3, patchSize: 3, patchesPerPicture: 4)]).Save(path), path => Use(FeatureSet.Load(path), set => set.Of(new float[set.Shape.Count])));
        yield return Kind("visual codebook", path => VisualCodebook.Fit(Pictures(), words: 3, patchSize: 3, patchesPerPicture: 4).Save(path), path => Use(VisualCodebook.Load(path), book => $"{book}"));
        yield return Kind("normalisation by channel", path => Normalize.FitChannels(Pictures()).Save(path), path => Use(Normalize.Load(path), normalize => $"{normalize}"));
        yield return Kind("normalisation by pixel", path => Normalize.ByPixel([0.5f, 0.25f], [1, 2], new(1, 1, 2)).Save(path), path => Use(Normalize.Load(path), normalize => $"{normalize}"));
        yield return Kind("byte pairs", path => BytePairEncoding.Learn("abab abab cdcd abcd", 6).Save(path), path => Use(BytePairEncoding.Load(path), pairs => pairs.Decode(pairs.Encode("abcd"))));
        yield return Kind("characters", path => CharVocabulary.Of("a \"quoted\" text 🐈").Save(path), path => Use(CharVocabulary.Load(path), characters => characters.Encode(characters.Characters)));
    }

    [TestCaseSource(nameof(Kinds))]
    public void Mutated_files_are_of_use_or_refused_by_name(Action<string> save, Action<string> load)
    {
        using TemporaryFolder folder = new();
        save(folder["whole.json"]);
        byte[] whole = File.ReadAllBytes(folder["whole.json"]);
        string path = folder[$"{Fuzz.Name}.json"];
        Fuzz.Check<FittedFileException>([whole], seed: 20, file =>
        {
            File.WriteAllBytes(path, file);
            load(path);
        }, isRefusal: e => e is CsvFormatException or ArgumentException && e.Message.StartsWith("table", StringComparison.Ordinal));       // an encoder of another table
        File.WriteAllBytes(path, []);
        Assert.That(() => load(path), Throws.TypeOf<FittedFileException>().With.Message.Contains(path));
    }

    private static TestCaseData Kind(string name, Action<string> save, Action<string> load) => new TestCaseData(save, load).SetArgDisplayNames(name);

    private static void Use<T, TResult>(T loaded, Func<T, TResult> use) => Assert.That(use(loaded), Is.Not.Null);

    private static CsvTable Table() => CsvTable.Read(new StringReader("size,kind\n1,new\n3,old\n5,new\n"), "table");

    private static TableEncoder Encoder() => TableEncoder.Fit(Table(), [0, 1, 2], new("size", ColumnKind.Number, MissingValue.Median), new("kind", ColumnKind.TargetClass));

    private static KMeans Means() => KMeans.Fit(new float[] { 0, 0, 1, 1, 5, 5, 6, 6 }, dimension: 2, clusters: 2, seed: 1);

    private static ArrayDataset<float, long> Pictures()
    {
        Generator random = new(1);
        return new(Enumerable.Range(0, 6 * _shape.Count).Select(_ => (float)random.NextDouble()).ToArray(), _shape.ToShape(), new long[6], []);
    }
}
