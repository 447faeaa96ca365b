namespace Gradwright.Data;

/// <summary>Which pictures there are, and their labels.</summary>
/// <param name="Source">What says so: the folder, or a list.</param>
/// <param name="Folder">Where they are.</param>
/// <param name="Classes">The names of the classes; a class's label is its place here.</param>
/// <param name="Files">The pictures, in order.</param>
/// <param name="Unreadable">Folders that cannot be read.</param>
/// <param name="Ignored">Entries that are no pictures; paths within the folder.</param>
internal sealed record ImageListing(
    string Source, string Folder, IReadOnlyList<string> Classes, IReadOnlyList<(string Path, int Label)> Files, IReadOnlyList<(string Path, string Reason)> Unreadable, IReadOnlyList<string> Ignored);
