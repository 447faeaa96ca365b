namespace Gradwright.Kernels;

/// <summary>A <see cref="StepListener"/> that hears of ops too.</summary>
internal abstract class OpListener : StepListener
{
    /// <summary>The listener of this thread, if any.</summary>
    public static new OpListener? Current => StepListener.Current as OpListener;

    /// <summary>An op has computed its outputs; a kept output that nobody needs is null.</summary>
    public abstract void Executed(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y);

    /// <summary>An op has made views; nothing was computed.</summary>
    public abstract void Viewed(Op op, Tensor x, ReadOnlySpan<Tensor?> y);

    /// <summary>Work that is no op has run, on tensors that may be others the next time.</summary>
    public abstract void Worked(Tensor[] operands, Action<Tensor[]> work);

    /// <summary>Runs work that is no op, as one piece: a captured step runs it again each time, on the tensors that then stand for the operands.</summary>
    /// <param name="operands">What belongs to the step, such as gradients. Parameters and state, which stay what they are, need not be named.</param>
    /// <param name="work">What to do with them. It sees the program's state as it is at that time: a learning rate, a count of steps.</param>
    public static void Run(Tensor[] operands, Action<Tensor[]> work)
    {
        OpListener? listener = Current;
        using (Pause()) work(operands);
        listener?.Worked(operands, work);
    }

    /// <summary>Refuses what a captured step could not repeat.</summary>
    /// <exception cref="CaptureException">A step is being captured.</exception>
    public static void Refuse(string operation, string remedy) => Current?.Refuse($"{operation}: cannot be part of a captured step. {remedy}");
}
