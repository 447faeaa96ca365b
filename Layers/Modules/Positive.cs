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
}
