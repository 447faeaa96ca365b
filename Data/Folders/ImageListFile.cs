using System.Globalization;

namespace Gradwright.Data;

/// <summary>Reads the lines of lists of pictures.</summary>
internal sealed class ImageListFile
{
    private const int MostClasses = 1 << 20, MostShown = 60;        // a wrong number must not make names without end; characters of a line in errors

    private readonly string _list, _folder;
    private readonly ImageListOptions _options;
    private readonly List<(int Line, string Path, string Label)> _entries = [];

    private ImageListFile(string list, string folder, ImageListOptions options)
    {
        (_list, _folder, _options) = (Path.GetFullPath(list), Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), options);
        if (!File.Exists(_list)) throw new FileNotFoundException($"ImageList: there is no list {_list}. Check the path.", _list);
        if (!Directory.Exists(_folder)) throw new DirectoryNotFoundException($"ImageList: there is no folder {_folder}, or it must not be looked for. Give the one that the list's paths begin in.");
    }

    public static ImageListing Read(string list, string folder, ImageListOptions options)
    {
        ImageListFile file = new(list, folder, options);
        foreach ((int number, string line) in file.Lines())
        {
            int at = line.LastIndexOf(line.Contains('\t', StringComparison.Ordinal) ? '\t' : line.Contains(',', StringComparison.Ordinal) ? ',' : ' ');
            (string path, string label) = at < 0 ? (line, "") : (Unquoted(line[..at]), Unquoted(line[(at + 1)..]));
            if (path.Length == 0 || label.Length == 0) throw file.Error(number, $"expected a path and a label with a tab, a comma or a space between them, found \"{Shown(line)}\"");
            file._entries.Add((number, file.Inside(number, path), label));
        }

        return file.Listing();
    }

    public static ImageListing ReadLabels(string list, string folder, ImageListOptions options)
    {
        ImageListFile file = new(list, folder, options);
        string[] paths = [.. Directory.EnumerateFiles(file._folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)];
        (int Number, string Line)[] lines = [.. file.Lines()];
        if (lines.Length != paths.Length) throw new ImageListException($"{file._list}: expected a label for each of the {paths.Length} files in {file._folder}, found {lines.Length}. Do the two belong together?");
        file._entries.AddRange(lines.Zip(paths, (line, path) => (line.Number, path, Unquoted(line.Line))));
        return file.Listing();
    }

    // Without empty ones, from 1.
    private IEnumerable<(int Number, string Line)> Lines() => File.ReadLines(_list).Select((text, i) => (Number: i + 1, Line: text.Trim())).Skip(_options.HasHeader ? 1 : 0).Where(line => line.Line.Length > 0);

    // The whole path of a picture; the list may be of another system, or of another one's making.
    private string Inside(int line, string path)
    {
        string[] parts = path.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || parts.Any(part => part.Trim() is ".." or "." || part.AsSpan().IndexOfAny(':', '\0') >= 0))
            throw Error(line, $"expected a path in {_folder}, found \"{Shown(path)}\". Paths have no drive, no '.' and no '..'");
        return Path.Combine([_folder, .. parts]);
    }

    private ImageListing Listing()
    {
        if (_entries.Count == 0) throw new ImageListException($"{_list}: expected lines with a picture and its label, found none.");
        Dictionary<string, int>? byName = null;
        IReadOnlyList<string>? classes = _options.Classes;
        bool numbers = TryNumber(_entries[0].Label, out _) && classes?.Contains(_entries[0].Label) != true;
        if (!numbers)
        {
            classes ??= [.. _entries.Select(entry => entry.Label).Distinct().Order(StringComparer.Ordinal)];
            byName = [];
            foreach (string name in classes)
                if (!byName.TryAdd(name, byName.Count)) throw new ArgumentException($"ImageList: the class \"{name}\" is given twice. Give each name once.");
        }

        List<(string Path, int Label)> files = [];
        foreach ((int line, string path, string label) in _entries)
            files.Add((path, numbers ? Number(line, label) : byName!.TryGetValue(label, out int known) ? known
                : throw Error(line, $"expected one of {byName.Count} classes ({Shown(string.Join(", ", byName.Keys))}), found the label \"{Shown(label)}\"")));
        classes ??= [.. Enumerable.Range(_options.FirstLabel, files.Max(file => file.Label) + 1).Select(number => number.ToString(CultureInfo.InvariantCulture))];
        return new(_list, _folder, classes, files, [], []);
    }

    private int Number(int line, string label)
    {
        long most = (_options.Classes?.Count ?? MostClasses) - 1L + _options.FirstLabel;
        return TryNumber(label, out int number) && number >= _options.FirstLabel && number <= most ? number - _options.FirstLabel
            : throw Error(line, $"expected a label of {_options.FirstLabel} to {most}, as {(_options.Classes is null ? "numbers" : $"the {_options.Classes.Count} classes")} go, found \"{Shown(label)}\"");
    }

    private static bool TryNumber(string label, out int number) => int.TryParse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static string Unquoted(string field) => field.Trim() is ['"', .. var inner, '"'] ? inner.Replace("\"\"", "\"", StringComparison.Ordinal) : field.Trim();

    private static string Shown(string text) => text.Length <= MostShown ? text : text[..MostShown] + " …";

    private ImageListException Error(int line, string message) => new($"{_list}, line {line}: {message}. Correct the list{(line == 1 ? ", or set HasHeader" : "")}.");
}
