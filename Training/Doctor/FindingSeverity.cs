namespace Gradwright.Training;

/// <summary>How bad a <see cref="Finding"/> is.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing; may be intended.</summary>
    Note,

    /// <summary>Training works, but worse than it could.</summary>
    Warning,

    /// <summary>Training cannot work like this.</summary>
    Fault,
}
