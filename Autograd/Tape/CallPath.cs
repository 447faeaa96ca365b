namespace Gradwright;

/// <summary>Where in a model this thread is: what messages and recorded ops name. Set by modules.</summary>
internal static class CallPath
{
    [ThreadStatic] private static string? _current;

    /// <summary>The innermost running module, or null outside a model.</summary>
    public static string? Current
    {
        get => _current;
        set => _current = value;
    }
}
