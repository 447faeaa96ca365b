namespace Gradwright.Layers;

/// <summary>How the results of parallel branches become one.</summary>
public enum BranchJoin
{
    /// <summary>Side by side along a dimension, as in Inception.</summary>
    Concatenate,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their mean.</summary>
    Average,
}
