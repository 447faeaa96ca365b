namespace Gradwright.Data;

/// <summary>What to do about rows with more or fewer fields than there are columns.</summary>
public enum OnRaggedRow
{
    /// <summary>Stop, and say which line it is.</summary>
    Refuse,

    /// <summary>Leave them out, and keep their line numbers.</summary>
    Skip,
}
