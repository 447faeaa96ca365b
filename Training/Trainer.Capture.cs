namespace Gradwright.Training;

public sealed partial class Trainer
{
    // The first batch of a step makes gradients, further ones add to them: not the same work.
    private CapturedStep? _firstBatch, _furtherBatch;

    /// <summary>
    /// Whether forward and backward passes are recorded once per shape of the batches and then repeated (<see cref="Capture"/>): the same bits in less time, above all where steps
    /// are short. What cannot be repeated runs as usual, and <see cref="CaptureRefusal"/> says why.
    /// </summary>
    /// <remarks>
    /// Off by default, because a repetition does not see the program's own variables: a loss whose weights a callback changes, or a rate of a dropout that is set anew, would stay
    /// what it was when it was recorded. What is in tensors, learning rates, loss scales, modes, frozen parameters and random streams are seen. While somebody listens to the
    /// events of a module, or hunts with <see cref="Anomaly.Detect"/>, steps run as usual. Updates of the parameters, clipping, averages, metrics and callbacks always do.
    /// </remarks>
    public bool CaptureSteps { get; init; }

    /// <summary>Why steps run as usual although <see cref="CaptureSteps"/> is on; null while nothing stands against repeating them.</summary>
    public string? CaptureRefusal { get; private set; }

    /// <summary>Batches of this call of <see cref="Fit"/> that were repetitions.</summary>
    internal long Repetitions => (_firstBatch?.Repetitions ?? 0) + (_furtherBatch?.Repetitions ?? 0);

    private IReadOnlyList<Tensor> Differentiate(Tensor input, Tensor target)
    {
        if (!CaptureSteps) return Differentiate([input, target]);
        CapturedStep step = _accumulator.Count == 0
            ? _firstBatch ??= Capture.IfPossible(2, Differentiate)
            : _furtherBatch ??= Capture.IfPossible(2, Differentiate);
        IReadOnlyList<Tensor> results = step.RunAll(input, target);
        CaptureRefusal = step.Refusal;
        return results;
    }

    private void ForgetCaptures()
    {
        _firstBatch?.Dispose();
        _furtherBatch?.Dispose();
        (_firstBatch, _furtherBatch) = (null, null);
    }
}
