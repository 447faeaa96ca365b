namespace Gradwright.Data;

/// <summary>
/// Reads CIFAR's binary records (https://www.cs.toronto.edu/~kriz/cifar.html): one label byte (CIFAR-10) or two (CIFAR-100: superclass, class), then
/// 3072 bytes of pixels: 32 rows of 32, all red ones, then green, then blue. Records follow each other with nothing between or around them.
/// </summary>
public static class CifarFile
{
    /// <summary>Pixels in a row, and rows.</summary>
    public const int Side = 32;

    /// <summary>Bytes of one image, [3, 32, 32].</summary>
    public const int ImageBytes = 3 * Side * Side;

    private const string Remedy = "Download or copy the file again.";

    /// <summary>Reads files of one form, one after the other, into one set of images [n, 3, 32, 32].</summary>
    /// <param name="paths">The files.</param>
    /// <param name="classes">How many classes each of a record's labels tells apart: [10] for CIFAR-10, [20, 100] for CIFAR-100.</param>
    /// <param name="label">Which of the labels to keep.</param>
    /// <exception cref="CifarFormatException">A file is empty or no whole number of records, or a label is out of range.</exception>
    public static LabeledImages Read(IReadOnlyList<string> paths, ReadOnlySpan<int> classes, int label)
    {
        var files = new (string Name, byte[] Bytes)[paths.Count];
        for (int i = 0; i < files.Length; i++) files[i] = (paths[i], File.ReadAllBytes(paths[i]));
        return Read(files, classes, label);
    }

    /// <summary>Reads the content of files; the names stand for them in errors.</summary>
    /// <inheritdoc cref="Read(IReadOnlyList{string}, ReadOnlySpan{int}, int)"/>
    public static LabeledImages Read(IReadOnlyList<(string Name, byte[] Bytes)> files, ReadOnlySpan<int> classes, int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, classes.Length);
        int record = classes.Length + ImageBytes;
        long count = 0;
        foreach ((string name, byte[] bytes) in files)
        {
            if (bytes.Length == 0 || bytes.Length % record != 0)
                throw new CifarFormatException($"{name}: expected a whole number of records of {record} bytes ({classes.Length} of label and " +
                    $"{ImageBytes} of pixels), found {bytes.Length} bytes. {Remedy} CIFAR-10 and CIFAR-100 have records of different length: is it the right one?");
            count += bytes.Length / record;
        }
        if (count * ImageBytes > Array.MaxLength)
            throw new CifarFormatException($"{files[0].Name}: expected at most {Array.MaxLength / ImageBytes} images in all files together, found {count}. Read fewer files at a time.");
        byte[] pixels = new byte[(int)(count * ImageBytes)], labels = new byte[count];
        int image = 0;
        foreach ((string name, byte[] bytes) in files)
            for (int at = 0; at < bytes.Length; at += record, image++)
            {
                for (int i = 0; i < classes.Length; i++)
                    if (bytes[at + i] >= classes[i])
                        throw new CifarFormatException($"{name}: expected {(classes.Length == 1 ? "a label" : $"label {i}")} of 0 to {classes[i] - 1}, " +
                            $"found {bytes[at + i]} in record {at / record}. {Remedy}");
                labels[image] = bytes[at + label];
                bytes.AsSpan(at + classes.Length, ImageBytes).CopyTo(pixels.AsSpan(image * ImageBytes));
            }
        return new LabeledImages(pixels, labels, channels: 3, Side, Side, classes[label]);
    }
}
