namespace Gradwright;

/// <summary>
/// Hears on a thread of what happens to tensors' contents: how a step is captured. Work that is recorded as a whole runs under <see cref="Pause"/>, so that its
/// parts are not heard too.
/// </summary>
internal abstract class StepListener
{
    [ThreadStatic] private static StepListener? _current;

    /// <summary>The listener of this thread, if any.</summary>
    public static StepListener? Current => _current;

    /// <summary>Every element was overwritten with one number.</summary>
    public abstract void Filled(Tensor tensor, double value);

    /// <summary>Elements were overwritten with numbers of the program's.</summary>
    public abstract void WrittenByHost(Tensor tensor);

    /// <summary>The program is about to read elements.</summary>
    public abstract void ReadByHost(Tensor tensor);

    /// <summary>Blocks of a random stream were set aside for a kernel.</summary>
    public abstract void Reserved(Generator generator, ulong first, long blocks);

    /// <summary>The program is about to draw a random number.</summary>
    public abstract void DrawnByHost(Generator generator);

    /// <summary>A parameter's gradient was dropped.</summary>
    public abstract void ForgotGradient(Tensor parameter);

    /// <summary>The step does what a repetition could not do. A listener that does not throw hears on, and the step goes on as usual.</summary>
    /// <exception cref="CaptureException">The listener insists on a step that can be repeated.</exception>
    public virtual void Refuse(string reason) => throw new CaptureException(reason);

    /// <summary>Until disposed, this listener hears what this thread does.</summary>
    public Span Listen() => new(this);

    /// <summary>Until disposed, nobody hears what this thread does.</summary>
    public static Span Pause() => new(null);

    /// <summary>The span in which <see cref="Listen"/> or <see cref="Pause"/> holds.</summary>
    public readonly ref struct Span
    {
        private readonly StepListener? _before;

        internal Span(StepListener? during)
        {
            _before = _current;
            _current = during;
        }

        public void Dispose() => _current = _before;
    }
}
