namespace Gradwright.Training;

/// <summary>How a training stands when its report is written.</summary>
public enum ReportStatus
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>All epochs have been run.</summary>
    Finished,

    /// <summary>It was stopped, cancelled or reached its step limit, and may be resumed.</summary>
    Stopped,

    /// <summary>It ended by an error, such as a loss that is not finite.</summary>
    Failed,
}
