namespace Gradwright;

/// <summary>
/// Runs a step once and then repeats it without running it: the same kernels on the same memory, without allocations, shape checks, modules or a tape.
/// </summary>
/// <example><code>
/// using CapturedStep step = Capture.Of((x, y) =&gt;
/// {
///     using Tape tape = new();
///     Tensor loss = Loss.CrossEntropy(model.Forward(x), y);
///     optimizer.ZeroGrad();
///     tape.Backward(loss);
///     Clip.ByNorm(model.Parameters(), 1);
///     optimizer.Step();
///     return TensorScope.Keep(loss);
/// });
/// foreach (Batch batch in loader) total += step.Run(batch.X, batch.Y).ToDouble();
/// </code></example>
/// <remarks>
/// <para>The first run is an ordinary one, so that layers can make parameters and optimizers their state. The second is written down while it runs; from the third on it is
/// repeated. Results are the same, bit for bit. Learning rates and schedules, counts of steps, loss scales, clipping and random streams (dropout) go on as ever. Inputs of
/// other shapes, a module that is switched between training and evaluation, parameters that are frozen, moved or replaced lead to a new recording. While somebody looks on
/// (events of modules, <see cref="Anomaly.Detect"/>), the step runs as usual.</para>
/// <para>What a repetition does not see: changes of the program's own variables, and numbers that it writes into tensors within the step, which stay as they were.
/// Reading a tensor within the step, or drawing a random number outside a tensor, is an error.</para>
/// </remarks>
public static class Capture
{
    /// <summary>Captures a step without inputs.</summary>
    public static CapturedStep Of(Func<Tensor> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new(0, _ => [step()]);
    }

    /// <summary>Captures a step of one input.</summary>
    public static CapturedStep Of(Func<Tensor, Tensor> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new(1, x => [step(x[0])]);
    }

    /// <summary>Captures a step of two inputs, such as a batch and its targets.</summary>
    public static CapturedStep Of(Func<Tensor, Tensor, Tensor> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new(2, x => [step(x[0], x[1])]);
    }

    /// <summary>
    /// Captures a forward pass for inference and rewrites it: a batch norm in evaluation becomes part of the convolution before it; on the processor convolutions and linear
    /// layers take along sums and activations, and their weights are prepared once, which takes memory of up to four times their size. Results differ from the function's own by
    /// rounding, some 10⁻⁶ of the largest per layer. When parameters or statistics change, all that is done anew.
    /// </summary>
    /// <param name="forward">The pass; modules in evaluation mode.</param>
    public static CapturedStep Compile(Func<Tensor, Tensor> forward)
    {
        ArgumentNullException.ThrowIfNull(forward);
        return new(1, x => [forward(x[0])], folds: true);
    }

    /// <summary>
    /// As <see cref="Of(int, Func{Tensor[], Tensor[]})"/>, but a step that cannot be repeated, or that changes so often that it does not pay, is no error: it runs as usual
    /// from then on, and <see cref="CapturedStep.Refusal"/> says why.
    /// </summary>
    /// <param name="inputs">The number of inputs.</param>
    /// <param name="step">From inputs to results.</param>
    public static CapturedStep IfPossible(int inputs, Func<Tensor[], Tensor[]> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentOutOfRangeException.ThrowIfNegative(inputs);
        return new(inputs, step, isLenient: true);
    }

    /// <summary>Captures a step of any number of inputs and results.</summary>
    public static CapturedStep Of(int inputs, Func<Tensor[], Tensor[]> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentOutOfRangeException.ThrowIfNegative(inputs);
        return new(inputs, step);
    }
}
