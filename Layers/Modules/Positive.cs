namespace Gradwright.Layers;

/// <summary>The check that every layer makes of its sizes.</summary>
internal static class Positive
{
    public static void Check(string layer, params ReadOnlySpan<(string Name, long Value)> sizes)
    {
        foreach ((string name, long value) in sizes)
        {
            if (value <= 0) throw new ArgumentOutOfRangeException(name, value, $"{layer}: {name} is {value}, but a size must be positive.");
        }
    }

    /// <summary>A positive number that need not be whole.</summary>
    /// <returns>The number.</returns>
    public static double Check(string layer, string name, double value, string reason)
        => value > 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{layer}: {name} is {value}, but must be positive: {reason}.");
}
