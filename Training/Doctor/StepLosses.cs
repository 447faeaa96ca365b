namespace Gradwright.Training;

/// <summary>Remembers the loss of every step, for <see cref="Doctor.Read(TrainingHistory, IReadOnlyList{double})"/>. Not part of checkpoints: after a resumption it begins anew.</summary>
public sealed class StepLosses : ITrainingCallback
{
    private readonly List<double> _values = [];

    /// <summary>The losses so far, one per step.</summary>
    public IReadOnlyList<double> Values => _values;

    public void StepEnded(Trainer trainer, double loss) => _values.Add(loss);
}
