using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>
/// Keeps the gradients of a Float16 computation from vanishing (Micikevicius et al. 2018): the loss is multiplied by a scale before the backward pass, the gradients are
/// divided by it before the step. A step whose gradients are not finite is left out, and the scale halved; after many good ones it is doubled.
/// </summary>
/// <example><code>
/// var scaler = new LossScaler();
/// using (MixedPrecision.Float16.Use())
/// using (var tape = new Tape())
///     tape.Backward(scaler.Scale(Loss.CrossEntropy(model.Forward(x), y)));
/// scaler.Step(optimizer, model.Parameters());
/// optimizer.ZeroGrad();
/// </code></example>
public sealed class LossScaler
{
    private readonly double _growth, _backoff;
    private readonly int _interval;
    private double _norm;

    /// <summary>A scaler.</summary>
    /// <param name="scale">The first scale, positive; powers of two do not round.</param>
    /// <param name="growth">What the scale is multiplied by after <paramref name="interval"/> good steps in a row; at least 1.</param>
    /// <param name="backoff">What it is multiplied by after a bad one; above 0, below 1.</param>
    /// <param name="interval">Good steps before it grows; positive.</param>
    public LossScaler(double scale = 65536, double growth = 2, double backoff = 0.5, int interval = 2000)
    {
        Require.Positive(scale, nameof(LossScaler), nameof(scale), "65536 is usual.");
        if (!(growth >= 1)) throw new ArgumentOutOfRangeException(nameof(growth), growth, "LossScaler: the growth must be at least 1; 2 is usual.");
        if (!(backoff is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(backoff), backoff, "LossScaler: the backoff must lie between 0 and 1; 0.5 is usual.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(interval);
        (_growth, _backoff, _interval, State) = (growth, backoff, interval, new(scale, 0, 0));
    }

    /// <summary>Everything that changes: for checkpoints.</summary>
    public LossScalerState State { get; set; }

    /// <summary>loss · scale: what to call Backward with.</summary>
    public Tensor Scale(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (loss.DType.IsHalf) loss = loss.Cast(DType.Float32);     // 16 bits could overflow
        Tensor scale = Tensor.Empty([], loss.DType, loss.Accelerator);
        OpListener.Run([scale], now => now[0].FillInPlace(State.Scale));
        return loss * scale;
    }

    /// <summary>
    /// Divides the gradients by the scale, once per step, for what has to see them as they are, such as clipping. <see cref="Step(Optimizer, IEnumerable{Tensor})"/> does it otherwise.
    /// </summary>
    /// <returns>The norm of the gradients; it is not finite where the step is to be left out. Waits for the accelerator.</returns>
    public double Unscale(IEnumerable<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        OpListener.Run([.. parameters.Where(p => !p.IsFrozen && p.Grad is not null).Distinct().Select(p => p.Grad!)], gradients =>
        {
            _norm = GradientKernels.Norm(gradients) / State.Scale;
            if (double.IsFinite(_norm)) GradientKernels.Scale(gradients, 1 / State.Scale);
        });
        return _norm;
    }

    /// <summary>Unscales the gradients and steps, unless one of them is not finite; then adapts the scale.</summary>
    /// <returns>False if the step was left out.</returns>
    public bool Step(Optimizer optimizer, IEnumerable<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return Step(optimizer, Unscale(parameters));
    }

    /// <summary>Steps with gradients that <see cref="Unscale"/> has divided, and whose norm it gave; then adapts the scale.</summary>
    /// <returns>False if the step was left out.</returns>
    public bool Step(Optimizer optimizer, double norm)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        bool isGood = false;
        _norm = norm;
        (Tensor[] gradients, Action<Tensor[]> step) = optimizer.Repeatable();
        OpListener.Run(gradients, now =>
        {
            isGood = double.IsFinite(_norm);
            if (isGood) step(now);
            else optimizer.Abandon();
            Adapt(isGood);
        });
        return isGood;
    }

    private void Adapt(bool isGood)
    {
        int streak = isGood ? State.GoodSteps + 1 : 0;
        State = !isGood ? new(State.Scale * _backoff, 0, State.SkippedSteps + 1)
            : streak == _interval ? State with { Scale = State.Scale * _growth, GoodSteps = 0 }
            : State with { GoodSteps = streak };
    }
}

/// <summary>Where a <see cref="LossScaler"/> stands.</summary>
/// <param name="Scale">The scale.</param>
/// <param name="GoodSteps">Good steps since it last changed.</param>
/// <param name="SkippedSteps">Steps left out so far.</param>
public readonly record struct LossScalerState(double Scale, int GoodSteps, long SkippedSteps);
