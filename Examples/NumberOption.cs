using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Gradwright.Examples;

/// <summary>Options whose value is a number in a range.</summary>
internal static class NumberOption
{
    /// <param name="name">As written, with dashes.</param>
    /// <param name="description">One sentence.</param>
    /// <param name="least">The smallest value that is allowed.</param>
    /// <param name="most">The largest.</param>
    /// <param name="bare">What the option means without a number; null: it needs one.</param>
    public static Option<T?> Create<T>(string name, string description, T least, T most, T? bare = null) where T : struct, INumber<T> => new(name)
    {
        Description = description,
        HelpName = "N",
        Arity = bare is null ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
        CustomParser = argument =>
        {
            if (argument.Tokens.Count == 0 && bare is not null) return bare;
            string text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : "";
            if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T value) && value >= least && value <= most) return value;
            argument.AddError($"{name} takes a {(T.IsInteger(least) && typeof(T) != typeof(double) ? "whole number" : "number")} from {least} to {most}, not '{text}'.");
            return null;
        },
    };
}
