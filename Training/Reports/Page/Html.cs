using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Gradwright.Training;

/// <summary>
/// A piece of an HTML page. <c>Html.Of($"&lt;b&gt;{name}&lt;/b&gt;")</c>: what is written out is markup, what stands in braces is text and is escaped, unless it is
/// <see cref="Html"/> itself. So a name with an angle bracket in it cannot become markup by oversight.
/// </summary>
internal readonly record struct Html(string Markup)
{
    public static Html Of(Interpolation text) => new(text.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(part => part.Markup)));

    public override string ToString() => Markup ?? "";

    /// <summary>Escapes what is interpolated. Numbers are written as in every culture.</summary>
    [InterpolatedStringHandler]
    internal readonly struct Interpolation(int literalLength, int holes)
    {
        private readonly StringBuilder _text = new(literalLength + 16 * holes);

        public void AppendLiteral(string markup) => _text.Append(markup);
        public void AppendFormatted(Html html) => _text.Append(html.Markup);
        public void AppendFormatted(IEnumerable<Html> parts) => _text.Append(Join(parts).Markup);
        public void AppendFormatted(string? text) => _text.Append(Escape(text));
        public void AppendFormatted<T>(T value, string? format = null) where T : IFormattable => _text.Append(Escape(value.ToString(format, CultureInfo.InvariantCulture)));

        public override string ToString() => _text.ToString();

        // Control characters are no part of HTML, whether escaped or not.
        private static string Escape(string? text) => WebUtility.HtmlEncode(string.Concat((text ?? "").Where(c => c is '\n' or '\t' || !char.IsControl(c))));
    }
}
