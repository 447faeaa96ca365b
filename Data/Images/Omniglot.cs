using System.Runtime.InteropServices;

namespace Gradwright.Data;

/// <summary>
/// Omniglot (Lake, Salakhutdinov and Tenenbaum 2015): 1623 characters of 50 alphabets, each drawn by 20 people, for learning from few examples. 964 characters of 30 alphabets are there to
/// learn from (the background), 659 of 20 others to be judged by (the evaluation). Not part of this package: it is downloaded or read from a folder. Input Float32 [1, side, side] with ink
/// 1 and paper 0, target Int64 [] = the character; draw episodes from it with an <see cref="EpisodeSampler"/>.
/// </summary>
/// <example><code>
/// await Omniglot.DownloadAsync("data");                                   // 16 MB, once; goes on where it was interrupted
/// (Omniglot background, Omniglot evaluation) = Omniglot.Load("data", side: 28);
/// </code></example>
public sealed class Omniglot : IDataset
{
    /// <summary>Height and width of the drawings as they are distributed, in pixels.</summary>
    public const int OriginalSide = 105;

    private static readonly Uri[] Mirrors = [new("https://raw.githubusercontent.com/brendenlake/omniglot/master/python/"), new("https://github.com/brendenlake/omniglot/raw/master/python/")];

    private static readonly (string Name, string Sha256)[] Parts =
    [
        ("images_background", "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640"),
        ("images_evaluation", "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee"),
    ];

    private readonly byte[] _pixels;            // [count, side, side], 255 is ink
    private readonly int[] _labels;

    private Omniglot(byte[] pixels, int[] labels, int side, IReadOnlyList<string> characters)
    {
        (_pixels, _labels, Side, Characters) = (pixels, labels, side, characters);
        Input = new(DType.Float32, [1, side, side]);
    }

    /// <summary>Height and width of the drawings in pixels.</summary>
    public int Side { get; }

    /// <summary>The names of the characters, ALPHABET/CHARACTER in the order of their names; a character's label is its place here. Of idx files, which have no names, the numbers.</summary>
    public IReadOnlyList<string> Characters { get; }

    /// <summary>The label of each drawing: for an <see cref="EpisodeSampler"/> and for splits.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    public long Count => _labels.Length;

    public SampleSpec Input { get; }

    public SampleSpec Target { get; } = new(DType.Int64, []);

    /// <summary>The pixels of one drawing [side, side], 255 is ink.</summary>
    public ReadOnlySpan<byte> this[int index] => _pixels.AsSpan(checked(index * Side * Side), Side * Side);

    /// <summary>Reads images_background and images_evaluation in a folder: the zip archives, or folders of the same names.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="side">Height and width that the drawings are brought to, each pixel the mean of those in its place; 28 is usual.</param>
    /// <exception cref="FileNotFoundException">One of them is missing; the message says which.</exception>
    /// <exception cref="OmniglotFormatException">One is damaged, or holds something else.</exception>
    public static (Omniglot Background, Omniglot Evaluation) Load(string folder, int side = 28)
    {
        string[] paths = [.. Parts.Select(part => Find(folder, part.Name))];
        return (Read(paths[0], side), Read(paths[1], side));
    }

    /// <summary>Reads one part: a zip archive, or a folder, with drawings as ALPHABET/CHARACTER/NAME.png.</summary>
    /// <inheritdoc cref="Load"/>
    /// <param name="path">The archive or folder.</param>
    /// <param name="side">Height and width that the drawings are brought to.</param>
    public static Omniglot Read(string path, int side = 28)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, OriginalSide);
        List<OmniglotFile> files = OmniglotFiles.Read(path);
        if ((long)files.Count * side * side > Array.MaxLength) throw new OmniglotFormatException($"{path}: {files.Count} drawings of {side} × {side} are more than one array holds. Use a smaller side.");
        byte[] pixels = new byte[files.Count * side * side];
        string?[] faults = new string?[files.Count];
        Parallel.For(0, files.Count, i => faults[i] = Draw(files[i], side, pixels.AsSpan(i * side * side, side * side)));
        if (Array.Find(faults, fault => fault is not null) is { } first) throw new OmniglotFormatException(first);
        string[] names = [.. files.Select(file => $"{file.Alphabet}/{file.Character}")], characters = [.. names.Distinct()];
        Dictionary<string, int> labels = characters.Select((name, label) => (name, label)).ToDictionary(character => character.name, character => character.label);
        return new(pixels, [.. names.Select(name => labels[name])], side, characters);
    }

    /// <summary>Downloads the two official archives (9 and 6 MB) to a folder unless they are there, and checks their SHA-256. An interrupted download goes on with the next call.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="client">null: one of its own.</param>
    /// <param name="report">Gets a line for each archive.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="IOException">No server could be reached, or none gave the right content.</exception>
    public static Task DownloadAsync(string folder, HttpClient? client = null, Action<string>? report = null, CancellationToken cancellation = default) => DownloadAsync(Parts, folder, client, report, cancellation);

    internal static async Task DownloadAsync((string Name, string Sha256)[] parts, string folder, HttpClient? client, Action<string>? report, CancellationToken cancellation)
    {
        foreach ((string name, string sha256) in parts)
        {
            string path = Path.Combine(folder, name + ".zip");
            bool fetched = await VerifiedDownload.FetchAsync(path, sha256, [.. Mirrors.Select(mirror => new Uri(mirror, name + ".zip"))], client, cancellation).ConfigureAwait(false);
            report?.Invoke($"{path}: {(fetched ? "downloaded" : "already there")}, SHA-256 checked");
        }
    }

    /// <summary>Reads idx files: drawings UInt8 [n, side, side] with ink 255, and labels UInt8, Int16 or Int32 [n], plain or gzip-compressed.</summary>
    /// <exception cref="IdxFormatException">A file is damaged, the two do not belong together, or a label is negative or as large as there are drawings.</exception>
    public static Omniglot LoadIdx(string imagesPath, string labelsPath)
    {
        IdxArray images = IdxFile.Read(imagesPath), stored = IdxFile.Read(labelsPath);
        if (images.Type != IdxType.UInt8 || images.Shape is not [var count, var side, _] || images.Shape[2] != side)
            throw new IdxFormatException($"{imagesPath}: expected UInt8 drawings of shape [n, side, side], found {images.Type} [{string.Join(", ", images.Shape.ToArray())}]. Is this the file of drawings?");
        int[] labels = stored.Type switch
        {
            IdxType.UInt8 => [.. stored.Values<byte>().ToArray().Select(label => (int)label)],
            IdxType.Int16 => [.. stored.Values<short>().ToArray().Select(label => (int)label)],
            IdxType.Int32 => stored.Values<int>().ToArray(),
            _ => throw new IdxFormatException($"{labelsPath}: expected labels of UInt8, Int16 or Int32, found {stored.Type}. Is this the file of labels?"),
        };
        if (stored.Shape is not [var given] || given != count)
            throw new IdxFormatException($"{labelsPath}: expected a label for each of the {count} drawings in {Path.GetFileName(imagesPath)}, found [{string.Join(", ", stored.Shape.ToArray())}]. The two do not belong together.");
        int bad = labels.AsSpan().IndexOfAnyExceptInRange(0, count - 1);
        if (bad >= 0) throw new IdxFormatException($"{labelsPath}: expected labels of 0 to {count - 1}, found {labels[bad]} at position {bad}. Download or copy the file again.");
        return new(images.Bytes.ToArray(), labels, side, [.. Enumerable.Range(0, labels.Max() + 1).Select(label => $"{label}")]);
    }

    /// <summary>Writes what <see cref="LoadIdx"/> reads, gzip-compressed where a name ends with ".gz".</summary>
    public void SaveIdx(string imagesPath, string labelsPath)
    {
        IdxFile.Write(imagesPath, IdxArray.Create<byte>(_pixels, _labels.Length, Side, Side));
        IdxFile.Write(labelsPath, IdxArray.Create<int>(_labels, _labels.Length));
    }

    public string NameOf(long index) => $"drawing {index} ({Characters[_labels[index]]})";

    public void Gather(ReadOnlySpan<long> indices, Span<byte> inputs, Span<byte> targets)
    {
        Span<float> x = MemoryMarshal.Cast<byte, float>(inputs);        // [indices, side, side]
        Span<long> y = MemoryMarshal.Cast<byte, long>(targets);         // [indices]
        for (int i = 0; i < indices.Length; i++)
        {
            int index = checked((int)indices[i]);
            y[i] = _labels[index];
            ReadOnlySpan<byte> drawing = this[index];
            Span<float> to = x.Slice(i * drawing.Length, drawing.Length);
            for (int j = 0; j < to.Length; j++) to[j] = drawing[j] / 255f;
        }
    }

    public override string ToString() => $"Omniglot({Count} drawings of {Characters.Count} characters, {Side} × {Side})";

    private static string Find(string folder, string name) => new[] { Path.Combine(folder, name + ".zip"), Path.Combine(folder, name) }.FirstOrDefault(Path.Exists)
        ?? throw new FileNotFoundException($"Omniglot: {Path.GetFullPath(folder)} lacks {name}.zip, and a folder {name}. Download the archives with Omniglot.DownloadAsync(folder), or copy them there.");

    // null, or what is wrong with the drawing.
    private static string? Draw(OmniglotFile file, int side, Span<byte> pixels)
    {
        try
        {
            Picture picture = PngFile.Read(file.Content, file.Place, OriginalSide * OriginalSide);
            if ((picture.Width, picture.Height, picture.Channels) != (OriginalSide, OriginalSide, 1))
                return $"{file.Place}: expected a gray drawing of {OriginalSide} × {OriginalSide}, found {picture.Width} × {picture.Height} with {picture.Channels} channels. Is it one of Omniglot's?";
            ReadOnlySpan<byte> paper = (side == OriginalSide ? picture : picture.Resize(side, side)).Pixels;
            for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)(255 - paper[i]);
            return null;
        }
        catch (PngFormatException e)
        {
            return e.Message;
        }
    }
}
