namespace Gradwright.Data;

/// <summary>Reads pictures of every format there is here, told apart by their content: PNG, and JPEG where libjpeg-turbo is installed.</summary>
public static class PictureFile
{
    /// <summary>Reads a file as 8 bits per channel.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">The most pixels it may declare.</param>
    /// <param name="atLeast">If a smaller picture will do, the width and height that it must have: a JPEG then comes 2, 4 or 8 times smaller, decoded several times as fast. null: whole.</param>
    /// <exception cref="FormatException">The file is empty, of another format, damaged (<see cref="PngFormatException"/>,
    /// <see cref="JpegFormatException"/>), or larger than allowed.</exception>
    /// <exception cref="DllNotFoundException">The file is a JPEG, and libjpeg-turbo is not installed.</exception>
    public static Picture Read(string path, long maxPixels = PictureLimits.MaxPixels, (int Width, int Height)? atLeast = null)
    {
        RequireContent(path);
        return Read(File.ReadAllBytes(path), path, maxPixels, atLeast);
    }

    /// <summary>Reads a file's bytes; <paramref name="name"/> stands for the file in errors.</summary>
    /// <inheritdoc cref="Read(string, long, ValueTuple{int, int}?)"/>
    public static Picture Read(ReadOnlySpan<byte> file, string name, long maxPixels = PictureLimits.MaxPixels, (int Width, int Height)? atLeast = null)
    {
        RequireNotEmpty(file, name);
        return JpegFile.IsJpeg(file) ? JpegFile.Read(file, name, maxPixels, atLeast: atLeast) : PngFile.Read(file, name, maxPixels);
    }

    /// <summary>Looks at a file's first bytes only: throws if it is empty or of no format that is read.</summary>
    internal static void CheckStart(string path)
    {
        RequireContent(path);
        Span<byte> start = stackalloc byte[8];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        RequireNotEmpty(start, path);
        if (!JpegFile.IsJpeg(start)) PngContent.RequireSignature(start, path);
    }

    // A pipe would be waited for and a device read without end; the system says of both that they have no content.
    private static void RequireContent(string path)
    {
        FileInfo file = new(path);
        if ((file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true)) is FileInfo { Exists: true, Length: 0 }) RequireNotEmpty([], path);
    }

    private static void RequireNotEmpty(ReadOnlySpan<byte> file, string name)
    {
        if (file.IsEmpty) throw new FormatException($"{name}: expected a picture, found an empty file, or a pipe or device. Copy or make it again.");
    }
}
