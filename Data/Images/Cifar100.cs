namespace Gradwright.Data;

/// <summary>
/// CIFAR-100 (Krizhevsky 2009): as <see cref="Cifar10"/>, with 100 classes of 500 training and 100 test images each, in 20 superclasses of five. Not part
/// of this package: it is downloaded or read from a folder.
/// </summary>
public static class Cifar100
{
    private const int SuperclassCount = 20, ClassCount = 100;

    private static readonly CifarArchive Archive = new("CIFAR-100", "cifar-100-binary.tar.gz",
        "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec", "cifar-100-binary", ["train.bin"], ["test.bin"]);

    /// <summary>Reads train.bin and test.bin in <paramref name="folder"/> or its subfolder cifar-100-binary.</summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="superclasses">Labels are the 20 superclasses instead of the 100 classes.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing; the message says which.</exception>
    /// <exception cref="CifarFormatException">A file is no whole number of records, or a label is out of range.</exception>
    public static (LabeledImages Train, LabeledImages Test) Load(string folder, bool superclasses = false)
    {
        (string[] train, string[] test) = Archive.Find(folder);
        int label = superclasses ? 0 : 1;
        return (CifarFile.Read(train, [SuperclassCount, ClassCount], label), CifarFile.Read(test, [SuperclassCount, ClassCount], label));
    }

    /// <summary>Downloads the official archive (169 MB), as <see cref="Cifar10.DownloadAsync"/> does.</summary>
    /// <exception cref="IOException">The server could not be reached, or gave another content.</exception>
    public static Task DownloadAsync(string folder, HttpClient? client = null, Action<string>? report = null, CancellationToken cancellation = default) =>
        Archive.DownloadAsync(folder, client, report, cancellation);
}
