using System.Text;

namespace Gradwright.Data;

/// <summary>
/// Pictures in rows and columns with captions, as a self-contained SVG picture: samples beside what is to be compared with them.
/// <code>
/// var sheet = new PictureSheet("What the network looks at", ["input", "gradient"]);
/// sheet.Add("a seven", image, map);
/// sheet.Save("maps.svg");
/// </code>
/// </summary>
/// <param name="title">Stands above all.</param>
/// <param name="columns">What stands above each column; may be empty texts.</param>
public sealed class PictureSheet(string title, IReadOnlyList<string> columns)
{
    private const int Margin = 20, Gap = 10, TitleHeight = 34, CaptionHeight = 24, LineHeight = 16;
    private const double LetterWidth = 6.6;

    private readonly List<(string Caption, Picture[] Pictures)> _rows = [];

    /// <summary>The length of a picture's longer side, in pixels.</summary>
    public int Side { get; init; } = 112;

    /// <summary>Adds a row.</summary>
    /// <param name="caption">Stands in front of it; each line feed begins a new line.</param>
    /// <param name="pictures">At most one for each column.</param>
    /// <returns>This sheet, so that calls can be chained.</returns>
    /// <exception cref="ArgumentException">There are more pictures than columns.</exception>
    public PictureSheet Add(string caption, params ReadOnlySpan<Picture> pictures)
    {
        ArgumentNullException.ThrowIfNull(caption);
        if (pictures.Length > columns.Count) throw new ArgumentException($"PictureSheet: {pictures.Length} pictures do not fit into {columns.Count} columns.", nameof(pictures));
        _rows.Add((caption, pictures.ToArray()));
        return this;
    }

    /// <summary>Writes the picture, which appears whole or not at all.</summary>
    public void Save(string path) => AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(ToSvg())));

    /// <summary>The picture's text.</summary>
    public string ToSvg(ChartStyle style = ChartStyle.File)
    {
        ChartColours colours = new(style);
        double letters = LetterWidth * _rows.SelectMany(row => row.Caption.Split('\n')).Select(line => line.Length).DefaultIfEmpty(0).Max();
        double left = Margin + (letters > 0 ? letters + Gap : 0), top = (title.Length > 0 ? TitleHeight : Gap) + (columns.Any(name => name.Length > 0) ? CaptionHeight : 0);
        double[] heights = [.. _rows.Select(row => row.Pictures.Select(picture => SizeOf(picture).Height).DefaultIfEmpty(0).Max())];
        double width = left + columns.Count * (Side + Gap) - Gap + Margin;
        SvgBuilder svg = new(Math.Max(width, 2 * Margin + 1.4 * LetterWidth * title.Length), top + heights.Sum(height => height + Gap) - Gap + Margin, colours, colours.IsPage ? title : null);
        if (title.Length > 0) svg.Text(Margin, 26, title, $"font-size=\"16\" font-weight=\"600\" fill=\"{colours.Strong}\"");
        for (int i = 0; i < columns.Count; i++) svg.Text(left + i * (Side + Gap) + Side / 2.0, top - 8, columns[i], $"text-anchor=\"middle\" fill=\"{colours.Strong}\"");
        for (int r = 0; r < _rows.Count; top += heights[r] + Gap, r++)
        {
            string[] lines = _rows[r].Caption.Split('\n');
            double middle = top + heights[r] / 2 + 4 - LineHeight * (lines.Length - 1) / 2.0;
            for (int i = 0; i < lines.Length; i++) svg.Text(left - Gap, middle + i * LineHeight, lines[i], $"text-anchor=\"end\"{(i == 0 ? $" fill=\"{colours.Strong}\"" : "")}");
            for (int i = 0; i < _rows[r].Pictures.Length; i++)
            {
                (double across, double down) = SizeOf(_rows[r].Pictures[i]);
                svg.Image(left + i * (Side + Gap) + (Side - across) / 2, top + (heights[r] - down) / 2, across, down, _rows[r].Pictures[i]);
            }
        }

        return svg.ToString();
    }

    private (double Width, double Height) SizeOf(Picture picture)
    {
        double scale = Side / (double)Math.Max(picture.Width, picture.Height);
        return (scale * picture.Width, scale * picture.Height);
    }
}
