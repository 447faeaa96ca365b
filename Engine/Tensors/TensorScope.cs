namespace Gradwright;

/// <summary>
/// Frees what was made inside its braces. Scopes nest and belong to a thread; disposing an outer one unwinds the inner ones.
/// A tensor made while no scope is open belongs to whoever made it.
/// </summary>
/// <example><code>
/// using (new TensorScope())
/// {
///     Tensor y = model.Forward(x);    // freed at the brace, with everything made on the way
/// }
/// </code></example>
public class TensorScope : IDisposable
{
    private readonly ScopeStack _stack;
    private readonly int _depth;

    /// <summary>Opens a scope on this thread.</summary>
    public TensorScope()
    {
        _stack = ScopeStack.Current;
        _depth = _stack.Push(this);
    }

    /// <summary>True from the closing brace on.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Hands a tensor over to the scope around the innermost open one, or to the caller when there is none: it outlives the current brace.</summary>
    /// <returns>The same tensor.</returns>
    public static Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ScopeStack.Current.Keep(tensor);
        return tensor;
    }

    /// <summary>Takes a tensor out of every scope: from now on only Dispose frees it.</summary>
    public static void Release(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        tensor.LeaveScope();
    }

    /// <summary>Until disposed, new tensors belong to no scope: for parameters, state and caches that are made inside somebody's brace.</summary>
    public static Suspension Suspend() => new(ScopeStack.Current);

    /// <summary>Frees the scope's tensors, after those of the scopes that are still open inside.</summary>
    public void Dispose()
    {
        if (IsClosed) return;
        if (!ReferenceEquals(_stack, ScopeStack.Current))
            throw new InvalidOperationException("A TensorScope was disposed on another thread than the one that opened it. Scopes belong to a thread and must not cross an await.");
        _stack.Pop(_depth);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called once, before the scope's tensors are freed.</summary>
    protected virtual void OnClosing() { }

    internal void Close()
    {
        if (IsClosed) return;
        IsClosed = true;
        OnClosing();
    }

    /// <summary>The span in which <see cref="Suspend"/> holds.</summary>
    public readonly ref struct Suspension
    {
        private readonly ScopeStack _stack;
        private readonly int _depth;

        internal Suspension(ScopeStack stack)
        {
            _stack = stack;
            _depth = stack.PushSuspended();
        }

        public void Dispose() => _stack?.Pop(_depth);
    }
}
