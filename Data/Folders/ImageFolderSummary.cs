using System.Text;

namespace Gradwright.Data;

/// <summary>What an <see cref="ImageFolder"/>, or an <see cref="ImageList"/>, found.</summary>
/// <param name="Folder">Where.</param>
/// <param name="FilesPerClass">Pictures of each class, in the order of the labels; none where the class's folder cannot be read.</param>
/// <param name="Broken">Class folders and then files that were left out because they cannot be read, with the reason, in order.</param>
/// <param name="Ignored">Entries that are no pictures by their name, and folders within class folders that are not looked into; paths within the folder, in order.</param>
public sealed record ImageFolderSummary(
    string Folder, IReadOnlyList<(string Class, int Count)> FilesPerClass, IReadOnlyList<(string Path, string Reason)> Broken, IReadOnlyList<string> Ignored)
{
    private const int Named = 10;

    public override string ToString()
    {
        StringBuilder text = new();
        text.Append($"{Folder}: {FilesPerClass.Sum(c => c.Count)} pictures in {FilesPerClass.Count} classes");
        if (Broken.Count > 0) text.Append($"; {Broken.Count} left out because they cannot be read");
        if (Ignored.Count > 0) text.Append($"; {Ignored.Count} entries ignored that are no .png, .jpg or .jpeg files");
        foreach ((_, string reason) in Broken.Take(Named)) text.Append($"\n  {reason}");
        if (Broken.Count > Named) text.Append($"\n  and {Broken.Count - Named} more");
        return text.ToString();
    }
}
