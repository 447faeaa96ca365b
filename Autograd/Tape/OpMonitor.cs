using Gradwright.Kernels;

namespace Gradwright;

/// <summary>Lets somebody see every op that runs on this thread: for counting operations.</summary>
internal static class OpMonitor
{
    [ThreadStatic] private static Observer? _observer;

    /// <summary>Called after an op has run, with its operands and outputs.</summary>
    public delegate void Observer(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y);

    public static bool IsOn => _observer is not null;

    public static Watch Start(Observer observer) => new(observer);

    public static void Notify(Op op, ReadOnlySpan<Tensor> x, ReadOnlySpan<Tensor?> y) => _observer?.Invoke(op, x, y);

    /// <summary>The span in which the observer is told.</summary>
    public readonly ref struct Watch
    {
        private readonly Observer? _before;

        internal Watch(Observer observer)
        {
            _before = _observer;
            _observer = observer;
        }

        public void Dispose() => _observer = _before;
    }
}
