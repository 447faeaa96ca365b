namespace Gradwright.Data;

/// <summary>
/// Finds the class folders of a folder and the pictures in them, in the order of their names. A class folder that cannot be read is a class without pictures, so that the others keep their
/// numbers.
/// </summary>
/// <param name="nested">Whether folders in class folders are looked into, at any depth; links to folders are not, because they may lead in circles.</param>
internal sealed class ClassFolders(bool nested)
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg"];

    private readonly List<string> _classes = [], _ignored = [];
    private readonly List<(string, int)> _files = [];
    private readonly List<(string, string)> _unreadable = [];

    public static ImageListing Find(string folder, bool nested)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"ImageFolder: there is no folder {folder}, or it must not be looked for. Give the folder that holds one folder of pictures per class.");
        ClassFolders found = new(nested);
        foreach (FileSystemInfo entry in Entries(folder))
            if (entry is DirectoryInfo || LeadsNowhere(entry))
            {
                found.Add(entry.FullName, entry.Name);
                found._classes.Add(entry.Name);
            }
            else found._ignored.Add(entry.Name);
        if (found._classes.Count == 0)
            throw new FormatException($"{folder}: expected a folder of pictures for each class, found no folders. Put the pictures of each class " +
                "into a folder of its own.");
        return new(folder, folder, found._classes, found._files, found._unreadable, found._ignored);
    }

    // The pictures of the newest class in one of its folders.
    private void Add(string folder, string name)
    {
        try
        {
            foreach (FileSystemInfo entry in Entries(folder))
                if (entry is FileInfo && Extensions.Contains(entry.Extension.ToLowerInvariant())) _files.Add((entry.FullName, _classes.Count));
                else if (nested && entry is DirectoryInfo && entry.LinkTarget is null) Add(entry.FullName, Path.Combine(name, entry.Name));
                else _ignored.Add(Path.Combine(name, entry.Name));
        }
        catch (IOException e)
        {
            _unreadable.Add((folder, e.Message));
        }
    }

    // What a link to nowhere, or to itself, stood for is not known; more likely a class on a disk that is not there than a file.
    private static bool LeadsNowhere(FileSystemInfo entry)
    {
        try
        {
            return entry.ResolveLinkTarget(returnFinalTarget: true) is { Exists: false };       // null: it is no link
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"ImageFolder: the folder {folder} cannot be read: {e.Message} Check its permissions, and that links to it lead somewhere.", e);
        }
    }
}
