using System.Buffers;
using System.Text.Json;

namespace Gradwright.Data;

/// <summary>
/// Which small patterns a picture is made of: a bag of visual words (Sivic and Zisserman 2003). The words are k-means centres of patches of the training part, each patch with its
/// mean taken off and divided by its deviation; a picture becomes the share of its patches whose nearest word is each.
/// </summary>
/// <example><code>
/// VisualCodebook codebook = VisualCodebook.Fit(training, words: 100, patchSize: 6, seed: 1);      // the training part only
/// codebook.Save("run/codebook.json");
/// </code></example>
public sealed class VisualCodebook : FeatureExtractor
{
    internal const string Kind = "visual codebook";

    private const string Format = "gradwright visual codebook";
    private const float Noise = 1.5e-4f;        // added to a patch's variance, in pixels of 0 … 1, so that flat patches stay flat

    private readonly KMeans _words;
    private readonly NearestCentres _search;
    private readonly int _channels;

    private VisualCodebook(KMeans words, int channels, int patchSize, int stride)
    {
        if (channels < 1 || patchSize < 1 || stride < 1 || words.Dimension != (long)channels * patchSize * patchSize)
            throw new ArgumentException($"words of {words.Dimension} numbers are no patches of {channels} · {patchSize} · {patchSize}, {stride} apart");
        (_words, _search, _channels, PatchSize, Stride) = (words, new(words.Centres, words.Dimension), channels, patchSize, stride);
    }

    /// <summary>How many words there are.</summary>
    public int Words => _words.Clusters;

    /// <summary>Height and width of a patch in pixels.</summary>
    public int PatchSize { get; }

    /// <summary>Pixels from one patch of a picture to the next.</summary>
    public int Stride { get; }

    /// <summary>A word: a normalised patch [channels, patch size, patch size].</summary>
    public ReadOnlySpan<float> Word(int word) => _words.Centre(word);

    /// <summary>Learns words from patches at random places of pictures.</summary>
    /// <param name="training">Pictures [channels, height, width], Float32, or UInt8, which counts as 0 … 1; the training part only.</param>
    /// <param name="words">How many.</param>
    /// <param name="patchSize">Height and width of a patch in pixels.</param>
    /// <param name="stride">Pixels from one patch to the next when pictures are described.</param>
    /// <param name="patchesPerPicture">How many patches of each picture to learn from.</param>
    /// <param name="seed">All draws follow from it.</param>
    /// <exception cref="ShapeException">The samples are no pictures, or smaller than a patch.</exception>
    /// <exception cref="ArgumentException">There are fewer different patches than words.</exception>
    public static VisualCodebook Fit(IDataset training, int words, int patchSize = 6, int stride = 2, int patchesPerPicture = 20, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(patchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(patchesPerPicture);
        ImageShape shape = ImageShape.Of(training.Input.Shape, nameof(VisualCodebook));
        RequireRoom(shape, patchSize);
        int size = shape.Channels * patchSize * patchSize;
        if (training.Count * patchesPerPicture * size > Array.MaxLength)
            throw new ArgumentException($"VisualCodebook: {patchesPerPicture} patches of {training.Count} pictures are more than one array holds. Take fewer of each.", nameof(patchesPerPicture));
        float[] patches = new float[training.Count * patchesPerPicture * size];
        Generator draws = new Generator(seed).Fork("patches");
        foreach (SampleRows rows in SampleRows.Of(training, nameof(VisualCodebook)))
            for (int i = 0; i < rows.Count; i++)
                for (int p = 0; p < patchesPerPicture; p++)
                {
                    (int top, int left) = ((int)draws.Next(shape.Height - patchSize + 1), (int)draws.Next(shape.Width - patchSize + 1));
                    Cut(rows[i], shape, patchSize, top, left, patches.AsSpan((int)((rows.First + i) * patchesPerPicture + p) * size, size));
                }

        return new(KMeans.Fit(patches, size, words, seed, restarts: 1), shape.Channels, patchSize, stride);
    }

    public override int CountFor(ImageShape picture)
    {
        if (picture.Channels != _channels) throw new ShapeException($"{this}: its words have {_channels} channels, but pictures {picture} have {picture.Channels}. Fit it to pictures like these.");
        RequireRoom(picture, PatchSize);
        return Words;
    }

    public override void Extract(ReadOnlySpan<float> pixels, ImageShape shape, Span<float> features)
    {
        features.Clear();
        (int rows, int columns, int size) = ((shape.Height - PatchSize) / Stride + 1, (shape.Width - PatchSize) / Stride + 1, _words.Dimension);
        float[] patches = ArrayPool<float>.Shared.Rent(columns * size);        // of a row of the picture
        (int[] words, float[] distances) = (new int[columns], new float[columns]);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++) Cut(pixels, shape, PatchSize, row * Stride, column * Stride, patches.AsSpan(column * size, size));
            _search.Find(patches.AsSpan(0, columns * size), words, distances);
            foreach (int word in words) features[word]++;
        }

        ArrayPool<float>.Shared.Return(patches);
        foreach (ref float share in features) share /= rows * columns;
    }

    /// <summary>Writes a JSON file. A <see cref="FeatureSet"/> keeps its codebook in its own file.</summary>
    public void Save(string path) => FittedFile.Write(path, Format, WriteContent);

    /// <summary>Reads what <see cref="Save"/> wrote, to the same bits.</summary>
    /// <exception cref="FittedFileException">The file is damaged, or another one.</exception>
    public static VisualCodebook Load(string path) => FittedFile.Read(path, Format, Restore);

    public override string ToString() => $"VisualCodebook({Words} words of {_channels} × {PatchSize} × {PatchSize}, stride {Stride})";

    internal override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", Kind);
        WriteContent(json);
        json.WriteEndObject();
    }

    internal static VisualCodebook Restore(JsonElement json)
    {
        (int channels, int patchSize) = (json.GetProperty("channels").GetInt32(), json.GetProperty("patchSize").GetInt32());
        return new(KMeans.Restore(FittedFile.Floats(json, "words"), checked(channels * patchSize * patchSize)), channels, patchSize, json.GetProperty("stride").GetInt32());
    }

    private void WriteContent(Utf8JsonWriter json)
    {
        json.WriteNumber("channels", _channels);
        json.WriteNumber("patchSize", PatchSize);
        json.WriteNumber("stride", Stride);
        FittedFile.Numbers(json, "words", _words.Centres.Span);
    }

    private static void RequireRoom(ImageShape picture, int patchSize)
    {
        if (picture.Height < patchSize || picture.Width < patchSize)
            throw new ShapeException($"VisualCodebook: pictures {picture} have no room for a patch of {patchSize} × {patchSize}. Use smaller patches, or enlarge the pictures.");
    }

    // A patch [channels, patchSize, patchSize], normalised.
    private static void Cut(ReadOnlySpan<float> pixels, ImageShape shape, int patchSize, int top, int left, Span<float> patch)
    {
        Span<float> to = patch;
        for (int c = 0; c < shape.Channels; c++)
            for (int y = top; y < top + patchSize; y++, to = to[patchSize..])
                pixels.Slice((c * shape.Height + y) * shape.Width + left, patchSize).CopyTo(to);
        double mean = 0, variance = 0;
        foreach (float value in patch) mean += value;
        mean /= patch.Length;
        foreach (float value in patch) variance += (value - mean) * (value - mean);
        double factor = 1 / Math.Sqrt(variance / patch.Length + Noise);
        foreach (ref float value in patch) value = (float)((value - mean) * factor);
    }
}
