namespace Gradwright.Data;

/// <summary>
/// MNIST (LeCun, Cortes, Burges): handwritten digits, 28×28 gray, 60,000 to train (commonly split 55,000/5,000) and 10,000 to test. Not part of this
/// package: it is downloaded or read from a folder.
/// </summary>
public static class Mnist
{
    private const int Side = 28;

    private static readonly Uri[] Mirrors =
        [new("https://ossci-datasets.s3.amazonaws.com/mnist/"), new("https://storage.googleapis.com/cvdf-datasets/mnist/")];

    private static readonly (string Name, string Sha256)[] Files =
    [
        ("train-images-idx3-ubyte", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        ("train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        ("t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        ("t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ];

    /// <summary>
    /// Reads the four idx files in <paramref name="folder"/>, plain or gzip-compressed, with or without ".gz", the last part of their names after '-'
    /// or '.'. Sets of the same form (Fashion-MNIST) and of other lengths are read too.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing; the message says which.</exception>
    /// <exception cref="IdxFormatException">A file is damaged, images and labels differ in number, images are not 28×28 or a label is not 0 to
    /// 9.</exception>
    public static (LabeledImages Train, LabeledImages Test) Load(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"MNIST: there is no folder {Path.GetFullPath(folder)}. Check the path, or download the files " +
                "with Mnist.DownloadAsync(folder).");
        string?[] paths = [.. Files.Select(f => Find(folder, f.Name))];
        if (paths.Contains(null))
            throw new FileNotFoundException($"MNIST: {Path.GetFullPath(folder)} lacks " +
                $"{string.Join(", ", Files.Where((_, i) => paths[i] is null).Select(f => f.Name))} " +
                "(plain or .gz). Download the files with Mnist.DownloadAsync(folder), or copy them there.");
        return (Read(paths[0]!, paths[1]!), Read(paths[2]!, paths[3]!));
    }

    /// <summary>
    /// Downloads what is missing in <paramref name="folder"/> (11 MB in all) and checks every file's SHA-256; <paramref name="report"/> gets a line
    /// per file.
    /// </summary>
    /// <exception cref="IOException">No mirror could be reached, or none gave the right content.</exception>
    public static async Task DownloadAsync(
        string folder, HttpClient? client = null, Action<string>? report = null, CancellationToken cancellation = default)
    {
        foreach ((string name, string sha256) in Files)
        {
            string path = Path.Combine(folder, name + ".gz");
            Uri[] addresses = [.. Mirrors.Select(mirror => new Uri(mirror, name + ".gz"))];
            bool fetched = await VerifiedDownload.FetchAsync(path, sha256, addresses, client, cancellation).ConfigureAwait(false);
            report?.Invoke($"{path}: {(fetched ? "downloaded" : "already there")}, SHA-256 checked");
        }
    }

    private static string? Find(string folder, string name)
    {
        string dotted = name.Replace("-idx", ".idx", StringComparison.Ordinal);
        string[] candidates = [name, dotted, name + ".gz", dotted + ".gz"];
        return candidates.Select(c => Path.Combine(folder, c)).FirstOrDefault(File.Exists);
    }

    private static LabeledImages Read(string imagesPath, string labelsPath)
    {
        IdxArray images = IdxFile.Read(imagesPath), labels = IdxFile.Read(labelsPath);
        if (images.Type != IdxType.UInt8 || images.Shape is not [_, Side, Side])
            throw new IdxFormatException($"{imagesPath}: expected UInt8 images of shape [n, {Side}, {Side}], found {images.Type} " +
                $"{Describe(images)}. Is this the images file of MNIST?");
        if (labels.Type != IdxType.UInt8 || labels.Shape is not [_])
            throw new IdxFormatException($"{labelsPath}: expected UInt8 labels of shape [n], found {labels.Type} {Describe(labels)}. Is this the " +
                "labels file of MNIST?");
        if (images.Shape[0] != labels.Shape[0])
            throw new IdxFormatException($"{labelsPath}: expected one label for each of the {images.Shape[0]} images in " +
                $"{Path.GetFileName(imagesPath)}, found {labels.Shape[0]} labels. The two files do not belong together; download both again.");
        int bad = labels.Values<byte>().IndexOfAnyExceptInRange((byte)0, (byte)9);
        if (bad >= 0)
            throw new IdxFormatException($"{labelsPath}: expected labels 0 to 9, found {labels.Values<byte>()[bad]} at position {bad}. Download " +
                "the file again.");
        return new LabeledImages(images.Bytes, labels.Bytes, channels: 1, Side, Side, classes: 10);
    }

    private static string Describe(IdxArray array) => $"[{string.Join(", ", array.Shape.ToArray())}]";
}
