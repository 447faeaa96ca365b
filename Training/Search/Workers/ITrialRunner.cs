namespace Gradwright.Training;

/// <summary>Where trials run.</summary>
internal interface ITrialRunner : IDisposable
{
    /// <summary>Takes a trial.</summary>
    void Start(Trial trial);

    /// <summary>Waits until one of those that were taken has ended: it has a result then, or is still <see cref="TrialState.Running"/> if it was interrupted.</summary>
    Trial Next();
}
