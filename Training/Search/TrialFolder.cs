using System.Globalization;
using System.Text.RegularExpressions;

namespace Gradwright.Training;

/// <summary>What the trials of a search have left in its folder so far, whether it is running, interrupted or done: the best weights of each, with their score.</summary>
/// <param name="Configuration">The number of the trial that made the folder.</param>
/// <param name="Path">The folder.</param>
/// <param name="BestModel">The newest file of weights that <see cref="TrialContext.Watch"/> kept.</param>
/// <param name="Score">The score in its name.</param>
public sealed partial record TrialFolder(int Configuration, string Path, string BestModel, double Score)
{
    private const string Prefix = "trial-";

    /// <summary>The folders in which there are weights, in the order of the trials.</summary>
    public static IReadOnlyList<TrialFolder> List(string searchFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(searchFolder);
        return !Directory.Exists(searchFolder) ? [] : [.. Directory.EnumerateDirectories(searchFolder, Prefix + "*").Select(Read).OfType<TrialFolder>().OrderBy(folder => folder.Configuration)];
    }

    internal static string NameOf(string searchFolder, int configuration) => System.IO.Path.Combine(searchFolder, $"{Prefix}{configuration:D4}");

    private static TrialFolder? Read(string path)
    {
        if (!int.TryParse(System.IO.Path.GetFileName(path)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int configuration)) return null;
        foreach (string file in Directory.EnumerateFiles(path, "epoch-*.safetensors").OrderDescending(StringComparer.Ordinal))
            if (Scored().Match(System.IO.Path.GetFileName(file)) is { Success: true } match && double.TryParse(match.Groups[1].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out double score))
                return new(configuration, path, file, score);
        return null;
    }

    // As BestModels names them.
    [GeneratedRegex(@"^epoch-\d+-.*?-(-?[0-9.]+(?:E[+-]?\d+)?)\.safetensors$")]
    private static partial Regex Scored();
}
