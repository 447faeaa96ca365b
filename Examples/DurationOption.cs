using System.CommandLine;
using System.Globalization;

namespace Gradwright.Examples;

/// <summary>Options whose value is a time: a number with its unit.</summary>
internal static class DurationOption
{
    private static readonly TimeSpan _most = TimeSpan.FromDays(24);

    /// <param name="name">As written, with dashes.</param>
    /// <param name="description">One sentence.</param>
    public static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = $"{description} 30s, 5m and 1.5h are seconds, minutes and hours.",
        HelpName = "TIME",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = argument =>
        {
            string text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
            if (Parse(text) is { } time && time > TimeSpan.Zero && time <= _most) return time;
            argument.AddError($"{name} takes a time such as 30s, 5m or 1.5h, up to {_most.TotalDays} days, not '{text}'.");
            return null;
        },
    };

    private static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return null;
        double seconds = text[^1] switch { 's' => number, 'm' => 60 * number, 'h' => 3600 * number, _ => double.NaN };
        return seconds <= _most.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
