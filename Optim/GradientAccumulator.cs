using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// Gradients of a large batch from several small ones, which fit into memory: k micro-batches of n/k samples give the gradient of one batch of n. Micro-batches of
/// different sizes count by their sizes.
/// </summary>
/// <example><code>
/// var accumulator = new GradientAccumulator(model.Parameters(), steps: 4);
/// foreach (Batch batch in loader)
/// {
///     using (var tape = new Tape()) accumulator.Backward(tape, Loss.CrossEntropy(model.Forward(batch.Input), batch.Target), weight: batch.Input.Shape[0]);
///     if (!accumulator.IsComplete) continue;
///     accumulator.Finish();
///     optimizer.Step();
///     optimizer.ZeroGrad();
/// }
/// </code></example>
public sealed class GradientAccumulator
{
    private readonly Tensor[] _parameters;
    private double _first, _total;

    /// <summary>An accumulator of the gradients of these parameters.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="steps">Micro-batches in a batch.</param>
    public GradientAccumulator(IEnumerable<Tensor> parameters, int steps)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        (_parameters, Steps) = ([.. parameters], steps);
    }

    /// <summary>Micro-batches in a batch.</summary>
    public int Steps { get; }

    /// <summary>Micro-batches since the last <see cref="Finish"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a batch is together.</summary>
    public bool IsComplete => Count >= Steps;

    /// <summary>Adds a micro-batch's gradients to the parameters' Grad.</summary>
    /// <param name="tape">What recorded the loss.</param>
    /// <param name="loss">The micro-batch's mean loss.</param>
    /// <param name="weight">Its number of samples; 1 for each where all are of one size.</param>
    public void Backward(Tape tape, Tensor loss, double weight = 1)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(loss);
        Require.Positive(weight, nameof(GradientAccumulator), nameof(weight), "It is the micro-batch's number of samples.");
        Differentiate(tape, loss, weight);
        Add(weight);
    }

    /// <summary>The half of <see cref="Backward"/> that computes: a captured step repeats it.</summary>
    internal void Differentiate(Tape tape, Tensor loss, double weight)
    {
        // Weights are taken relative to the first: with equal sizes nothing is multiplied, and one micro-batch alone keeps its bits.
        if (Count == 0 || weight == _first)
        {
            tape.Backward(loss);
            return;
        }

        using Tensor share = Tensor.Full(loss.Shape, weight / _first, loss.DType, loss.Accelerator);
        tape.Backward(loss, share);
    }

    /// <summary>The half of <see cref="Backward"/> that counts.</summary>
    internal void Add(double weight)
    {
        if (Count == 0) (_first, _total) = (weight, 0);
        _total += weight / _first;
        Count++;
    }

    /// <summary>Makes the sums means, in one pass, and begins anew. Also for a batch that is not complete, such as an epoch's last.</summary>
    public void Finish()
    {
        if (Count > 1) GradientKernels.Scale([.. _parameters.Where(x => !x.IsFrozen).Select(x => x.Grad).OfType<Tensor>()], 1 / _total);
        Count = 0;
    }

    /// <summary>Begins anew without touching the gradients, which the caller forgets.</summary>
    public void Reset() => Count = 0;
}
