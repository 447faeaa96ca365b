namespace Gradwright.Layers;

/// <summary>How a layer prints an argument that has a usual value.</summary>
internal static class Printed
{
    /// <summary>Nothing for the usual value.</summary>
    public static string Option<T>(string name, T value, T usual) where T : IEquatable<T>
        => value.Equals(usual) ? "" : $", {name}: {(value is bool flag ? flag ? "true" : "false" : $"{value}")}";
}
