namespace Gradwright.Training;

/// <summary>What classes are called.</summary>
internal static class ReportNames
{
    /// <summary>A class's name, or its number where it has none.</summary>
    public static string Of(long @class, IReadOnlyList<string> names) => @class >= 0 && @class < names.Count ? names[(int)@class] : $"{@class}";
}
