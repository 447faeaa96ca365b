namespace Gradwright.Data;

/// <summary>The class folders of a folder and the pictures in them, in the order of their names.</summary>
internal sealed record ImageFolderListing(
    string Folder, IReadOnlyList<string> Classes, IReadOnlyList<(string Path, int Label)> Files, IReadOnlyList<string> Ignored)
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg"];

    public static ImageFolderListing Read(string folder)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"ImageFolder: there is no folder {folder}. Give the folder that holds one folder of pictures per class.");
        var (classes, files, ignored) = (new List<string>(), new List<(string, int)>(), new List<string>());
        foreach (FileSystemInfo entry in Entries(folder))
        {
            if (entry is not DirectoryInfo)
            {
                ignored.Add(entry.Name);
                continue;
            }
            foreach (FileSystemInfo file in Entries(entry.FullName))
                if (file is FileInfo && Extensions.Contains(file.Extension.ToLowerInvariant())) files.Add((file.FullName, classes.Count));
                else ignored.Add(Path.Combine(entry.Name, file.Name));
            classes.Add(entry.Name);
        }
        if (classes.Count == 0)
            throw new FormatException($"{folder}: expected a folder of pictures for each class, found no folders. Put the pictures of each class " +
                "into a folder of its own.");
        return new(folder, classes, files, ignored);
    }

    // What begins with a dot belongs to the system or to a program.
    private static FileSystemInfo[] Entries(string folder)
    {
        try
        {
            FileSystemInfo[] entries = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(e => !e.Name.StartsWith('.'))];
            Array.Sort(entries, (a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"ImageFolder: the folder {folder} cannot be read: {e.Message} Check its permissions.", e);
        }
    }
}
