namespace Gradwright;

/// <summary>Operands do not fit an operation. Inside a model the message also says where.</summary>
public abstract class OperandException : ArgumentException
{
    private string? _location;

    private protected OperandException(string message) : base(message) { }

    public override string Message => _location is null ? base.Message : $"{base.Message} (at {_location})";

    /// <summary>Adds the module that was running; the innermost one counts.</summary>
    internal void Locate(string location) => _location ??= location;
}

/// <summary>Shapes do not fit an operation. The message names the operation, the operands, the rule and a remedy.</summary>
public sealed class ShapeException(string message) : OperandException(message);

/// <summary>Element types do not fit an operation. The message names the cast to write.</summary>
public sealed class DTypeException(string message) : OperandException(message);

/// <summary>An accelerator is missing, is not the one that the operands live on, or reported a failure.</summary>
public class AcceleratorException(string message, Exception? inner = null) : InvalidOperationException(message, inner);

/// <summary>An accelerator has no memory left. The message says what was asked, what is live and what could be tried.</summary>
public sealed class AcceleratorMemoryException(string message, Exception? inner = null) : AcceleratorException(message, inner);

/// <summary>An operation cannot be differentiated as it was used: a saved tensor has changed, or a tape was used out of turn.</summary>
public sealed class TapeException(string message) : InvalidOperationException(message);

/// <summary>A step cannot be planned, because what it does depends on numbers: a plan computes none.</summary>
public sealed class PlanException(string message) : InvalidOperationException(message);

/// <summary>A step cannot be captured, because repeating what it did would not do what running it again does.</summary>
public sealed class CaptureException(string message) : InvalidOperationException(message);
