namespace Gradwright.Training;

/// <summary>Which commit a folder is at, read from the repository's own files: no program is run.</summary>
internal static class GitCommit
{
    private const string Reference = "ref: ", Pointer = "gitdir: ";

    /// <summary>Branch and commit of the repository that a folder is in, or null.</summary>
    public static string? Of(string folder)
    {
        try
        {
            for (DirectoryInfo? at = new(Path.GetFullPath(folder)); at is not null; at = at.Parent)
                if (GitFolder(Path.Combine(at.FullName, ".git")) is { } git) return Describe(git);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A repository that cannot be read is as none.
        }

        return null;
    }

    // A folder, or a file that says where the folder is.
    private static string? GitFolder(string path)
        => Directory.Exists(path) ? path
            : File.Exists(path) && File.ReadAllText(path).Trim() is var text && text.StartsWith(Pointer, StringComparison.Ordinal)
                ? Path.GetFullPath(text[Pointer.Length..], Path.GetDirectoryName(path)!) : null;

    private static string? Describe(string git)
    {
        string head = File.ReadAllText(Path.Combine(git, "HEAD")).Trim();
        if (!head.StartsWith(Reference, StringComparison.Ordinal)) return Hash(head);
        string name = head[Reference.Length..], branch = name.Replace("refs/heads/", "", StringComparison.Ordinal);
        // A work tree has its own head, and shares the branches.
        string shared = Path.Combine(git, "commondir"), common = File.Exists(shared) ? Path.GetFullPath(File.ReadAllText(shared).Trim(), git) : git;
        foreach (string root in (string[])[git, common])
            if (File.Exists(Path.Combine(root, name))) return Hash(File.ReadAllText(Path.Combine(root, name)).Trim()) is { } hash ? $"{hash} ({branch})" : null;
        string packed = Path.Combine(common, "packed-refs");
        string? line = File.Exists(packed) ? File.ReadLines(packed).FirstOrDefault(line => line.EndsWith($" {name}", StringComparison.Ordinal)) : null;
        return Hash(line?.Split(' ')[0]) is { } known ? $"{known} ({branch})" : null;
    }

    // A name that leads out of the repository must not bring another file's content into a report.
    private static string? Hash(string? text) => text is { Length: 40 or 64 } && text.All(char.IsAsciiHexDigit) ? text : null;
}
