namespace Gradwright.Optim;

/// <summary>What kind of point the parameters are at.</summary>
public enum CriticalPointKind
{
    /// <summary>The gradient is not zero.</summary>
    None,

    /// <summary>All curvatures are positive.</summary>
    Minimum,

    /// <summary>All curvatures are negative.</summary>
    Maximum,

    /// <summary>Some are positive, some negative.</summary>
    Saddle,

    /// <summary>Some are zero, and the others of one sign: second derivatives do not tell.</summary>
    Flat,
}
