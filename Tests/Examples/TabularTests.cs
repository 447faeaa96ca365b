using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Gradwright.Tests.Examples;

public sealed partial class TabularTests
{
    [Test]
    public void A_network_halves_the_linear_models_error_on_made_up_flats()
    {
        (int code, string output, string error) = Program.Run("tabular", "--epochs", "10");
        Assert.That((code, error), Is.EqualTo((0, "")));
        double[] errors = [.. RootMeanSquare().Matches(output).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.That(errors, Has.Length.EqualTo(2), output);
        Assert.That(errors[1], Is.LessThan(0.5 * errors[0]));
    }

    [Test]
    public void Text_in_the_target_column_is_a_class()
    {
        (int code, string output, string error) = Program.Run("tabular", "--epochs", "3", "--target", "lift");
        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("\"lift\", 2 classes").And.Match("network +[0-9.]+ % right"));
    }

    [GeneratedRegex("root mean squared error ([0-9.]+)")]
    private static partial Regex RootMeanSquare();
}
