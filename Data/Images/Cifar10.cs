namespace Gradwright.Data;

/// <summary>
/// CIFAR-10 (Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images"): photographs of ten kinds of things, 32×32 RGB, 50,000 to train
/// and 10,000 to test, each class equally often. Not part of this package: it is downloaded or read from a folder.
/// </summary>
/// <example><code>
/// await Cifar10.DownloadAsync("data");                                    // 170 MB, once; goes on where it was interrupted
/// (LabeledImages train, LabeledImages test) = Cifar10.Load("data");
/// (float[] mean, float[] deviation) = train.Statistics();                 // 0.491 0.482 0.447, 0.247 0.243 0.262
/// </code></example>
public static class Cifar10
{
    private const int ClassCount = 10;

    private static readonly CifarArchive Archive = new("CIFAR-10", "cifar-10-binary.tar.gz",
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", "cifar-10-batches-bin",
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"], ["test_batch.bin"]);

    /// <summary>What each class shows, by its number.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>
    /// Reads data_batch_1.bin to data_batch_5.bin and test_batch.bin in <paramref name="folder"/> or its subfolder cifar-10-batches-bin. Files with fewer
    /// records than the official 10,000 are read too.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing; the message says which.</exception>
    /// <exception cref="CifarFormatException">A file is no whole number of records, or a label is not 0 to 9.</exception>
    public static (LabeledImages Train, LabeledImages Test) Load(string folder)
    {
        (string[] train, string[] test) = Archive.Find(folder);
        return (CifarFile.Read(train, [ClassCount], 0), CifarFile.Read(test, [ClassCount], 0));
    }

    /// <summary>
    /// Downloads the official archive (170 MB) to <paramref name="folder"/> unless it is there, checks its SHA-256 and unpacks it;
    /// <paramref name="report"/> gets a line per step. An interrupted download goes on with the next call.
    /// </summary>
    /// <exception cref="IOException">The server could not be reached, or gave another content.</exception>
    public static Task DownloadAsync(string folder, HttpClient? client = null, Action<string>? report = null, CancellationToken cancellation = default) =>
        Archive.DownloadAsync(folder, client, report, cancellation);
}
