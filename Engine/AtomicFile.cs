namespace Gradwright;

/// <summary>
/// Files that appear whole or not at all, also when the process is killed or the power fails: written beside the target under another name, flushed
/// to the disk, then renamed over it. The writer leaves the stream open.
/// </summary>
internal static class AtomicFile
{
    /// <summary>What follows the target's name and a number of 32 hexadecimal digits in the name of a file that is being written.</summary>
    public const string PartialSuffix = ".partial";

    /// <exception cref="IOException">The file cannot be written; the message says which and why. What was there is untouched.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        string? partial = null;
        try
        {
            partial = PartialName(path);
            using (FileStream file = File.Create(partial))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritten(path, e);
        }
        finally
        {
            Delete(partial);
        }
    }

    /// <inheritdoc cref="Write"/>
    public static async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        string? partial = null;
        try
        {
            partial = PartialName(path);
            FileStream file = File.Create(partial);
            await using (file.ConfigureAwait(false))
            {
                await write(file).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritten(path, e);
        }
        finally
        {
            Delete(partial);
        }
    }

    private static IOException Unwritten(string path, Exception why) => new($"{path} was not written and is as it was before: {why.Message}", why);

    // Why the file was not written matters more than what else fails then.
    private static void Delete(string? partial)
    {
        if (partial is null) return;
        try
        {
            File.Delete(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
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
