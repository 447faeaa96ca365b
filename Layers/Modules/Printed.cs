namespace Gradwright.Layers;

/// <summary>How a layer prints an argument that has a usual value.</summary>
internal static class Printed
{
    /// <summary>Nothing for the usual value.</summary>
    public static string Option<T>(string name, T value, T usual) where T : IEquatable<T>
        => value.Equals(usual) ? "" : $", {name}: {(value is bool flag ? flag ? "true" : "false" : $"{value}")}";

    /// <summary>A pooling's window.</summary>
    public static string Window<T>(T size, T? stride, T? padding, T none) where T : struct, IEquatable<T>
        => $"{size}{Option("stride", stride ?? size, size)}{Option("padding", padding ?? none, none)}";
}
