using System.Globalization;
using System.Net;
using System.Text;

namespace Gradwright.Data;

/// <summary>Writes an SVG picture, element by element. Numbers get a point in every culture, and texts are escaped.</summary>
internal sealed class SvgBuilder
{
    private const string Fonts = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif";

    private readonly StringBuilder _text = new();

    /// <summary>Opens a picture; in a page it is as wide as its place.</summary>
    /// <param name="width">In units, which are pixels in a file.</param>
    /// <param name="height">In units.</param>
    /// <param name="colours">Of texts and background.</param>
    /// <param name="label">What it shows, for those who do not see it; null where its texts say it.</param>
    public SvgBuilder(double width, double height, ChartColours colours, string? label = null)
    {
        string size = colours.IsPage ? "role=\"img\"" : Invariant($"width=\"{width}\" height=\"{height}\"");
        _text.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" {size} "));
        if (label is not null) _text.Append($"aria-label=\"{Escape(label)}\" ");
        _text.Append($"font-family=\"{Fonts}\" font-size=\"12\" fill=\"{colours.Text}\">\n");
        if (!colours.IsPage) _text.Append(Invariant($"<rect width=\"{width}\" height=\"{height}\" fill=\"{colours.Back}\"/>\n"));
    }

    /// <summary>A path; <paramref name="style"/> holds further attributes.</summary>
    public void Path(FormattableString d, string style) => _text.Append($"<path d=\"{Invariant(d)}\" {style}/>\n");

    /// <summary>A text, from where its anchor is.</summary>
    public void Text(double x, double y, string text, string style = "") => _text.Append(Invariant($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" {style}>")).Append($"{Escape(text)}</text>\n");

    /// <summary>A rectangle that says something when it is pointed at.</summary>
    public void Rectangle(double x, double y, double width, double height, string style, string title = "")
        => _text.Append(Invariant($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" {style}")).Append(Titled("rect", title));

    /// <summary>A dot.</summary>
    public void Circle(double x, double y, double radius, string style) => _text.Append(Invariant($"<circle cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"{radius:0.##}\" {style}/>\n"));

    /// <summary>A picture, which the file holds; enlarged pixels stay squares.</summary>
    public void Image(double x, double y, double width, double height, Picture picture, string title = "")
        => _text.Append(Invariant($"<image x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "))
            .Append($"href=\"{PngFile.ToDataUri(picture)}\"").Append(Titled("image", title));

    /// <summary>The picture, closed.</summary>
    public override string ToString() => $"{_text}</svg>\n";

    /// <summary>Text with a point in numbers.</summary>
    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>A number for people: four digits.</summary>
    public static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Titled(string element, string title) => title.Length == 0 ? "/>\n" : $"><title>{Escape(title)}</title></{element}>\n";

    // Line feeds stay: they part the lines of a title.
    private static string Escape(string text) => WebUtility.HtmlEncode(string.Concat(text.Where(c => c == '\n' || !char.IsControl(c))));
}
