namespace Gradwright;

/// <summary>
/// Files that appear whole or not at all, also when the process is killed or the power fails: written beside the target under another name, flushed
/// to the disk, then renamed over it. The writer leaves the stream open.
/// </summary>
internal static class AtomicFile
{
    /// <summary>What follows the target's name and a number of 32 hexadecimal digits in the name of a file that is being written.</summary>
    public const string PartialSuffix = ".partial";

    public static void Write(string path, Action<FileStream> write)
    {
        string partial = PartialName(path);
        try
        {
            using (FileStream file = File.Create(partial))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    public static async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        string partial = PartialName(path);
        try
        {
            FileStream file = File.Create(partial);
            await using (file.ConfigureAwait(false))
            {
                await write(file).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    // In the same folder, so that the rename never crosses file systems.
    private static string PartialName(string path)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return $"{path}.{Guid.NewGuid():N}{PartialSuffix}";
    }
}
