namespace Gradwright.Data;

/// <summary>Files that appear whole or not at all: written beside the target under another name, then renamed over it.</summary>
internal static class AtomicFile
{
    public static void Write(string path, Action<Stream> write)
    {
        string partial = PartialName(path);
        try
        {
            using (FileStream file = File.Create(partial)) write(file);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        string partial = PartialName(path);
        try
        {
            FileStream file = File.Create(partial);
            await using (file.ConfigureAwait(false)) await write(file).ConfigureAwait(false);
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
        return $"{path}.{Guid.NewGuid():N}.partial";
    }
}
