using System.Runtime.InteropServices;

namespace Gradwright.Training;

/// <summary>
/// Ctrl-C, or the system's request to end (SIGTERM), as a cancellation: the training finishes its step and saves a checkpoint. The second time the program ends at once.
/// </summary>
/// <example><code>
/// using InterruptSignal interrupt = new();
/// if (trainer.Fit(epochs: 20, cancellation: interrupt.Token) == TrainingEnd.Cancelled) return 130;     // ConsoleProgress has said how to go on
/// </code></example>
public sealed class InterruptSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;

    /// <summary>Listens from now on.</summary>
    public InterruptSignal()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Leaves signals to the system again.</summary>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext signal)
    {
        signal.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
