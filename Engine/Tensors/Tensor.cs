using System.Runtime.CompilerServices;

namespace Gradwright;

/// <summary>
/// An array of numbers with a shape, on an accelerator. Arithmetic, views and everything else that makes a tensor from
/// tensors are extension members (assembly Gradwright.Autograd): they pass the tape. Only explicit copies and conversions stand here.
/// </summary>
/// <remarks>
/// A tensor is freed by the innermost <see cref="TensorScope"/> that was open when it was made, else by <see cref="Dispose"/>
/// (and, should that be forgotten, some time after it became unreachable). Views share a buffer; the last one frees it.
/// </remarks>
public sealed partial class Tensor : IDisposable
{
    private MemoryBuffer? _buffer;
    private Layout _layout;
    private TensorGuard? _guard;

    internal ScopeStack? ScopeStack;
    internal int ScopeSlot = -1;
    internal int ScopeDepth;

    /// <summary>A tensor over a reference of <paramref name="buffer"/> that the caller hands over.</summary>
    internal Tensor(MemoryBuffer buffer, Layout layout, DType dtype, Ownership ownership = Ownership.Scope)
    {
        (_buffer, _layout, DType) = (buffer, layout, dtype);
        if (ownership == Ownership.Caller || (ownership == Ownership.Scope && !ScopeStack.Current.Add(this))) Guard();
    }

    /// <summary>Who frees a tensor.</summary>
    internal enum Ownership
    {
        /// <summary>The innermost scope; without one, the caller.</summary>
        Scope,

        /// <summary>The caller, with a finalizer as a safety net.</summary>
        Caller,

        /// <summary>Engine code that is sure to do it.</summary>
        Internal,
    }

    /// <summary>The type of the elements.</summary>
    public DType DType { get; private set; }

    /// <summary>The lengths of the dimensions, outermost first.</summary>
    public Shape Shape => _layout.Shape;

    /// <summary>How the elements lie in the buffer.</summary>
    public Layout Layout => _layout;

    /// <summary>Number of dimensions.</summary>
    public int Rank => _layout.Rank;

    /// <summary>Number of elements.</summary>
    public long Count => _layout.Count;

    /// <summary>Where the tensor lives.</summary>
    public Accelerator Accelerator => Buffer.Accelerator;

    /// <summary>The memory behind the tensor, possibly shared with views.</summary>
    /// <exception cref="ObjectDisposedException">The tensor has been freed.</exception>
    public MemoryBuffer Buffer => _buffer ?? throw Freed();

    /// <summary>True once the tensor has been freed, by Dispose or by its scope.</summary>
    public bool IsDisposed => _buffer is null;

    /// <summary>Frees the tensor before its scope would. The buffer goes back to the pool with its last tensor.</summary>
    public void Dispose()
    {
        if (ScopeSlot >= 0 && ReferenceEquals(ScopeStack, Gradwright.ScopeStack.Current)) ScopeStack.Remove(this);
        Free();
        _parameter?.Dispose();
    }

    /// <summary>Address of element (0, 0, …).</summary>
    internal nint Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Buffer.Pointer + (nint)(_layout.Offset * DType.Size);
    }

    /// <summary>Another tensor over the same buffer.</summary>
    internal Tensor Alias(Layout? layout = null, Ownership ownership = Ownership.Scope)
    {
        MemoryBuffer buffer = Buffer;
        buffer.AddReference();
        return new(buffer, layout ?? _layout, DType, ownership);
    }

    internal void Free()
    {
        MemoryBuffer? buffer = Interlocked.Exchange(ref _buffer, null);
        if (buffer is null) return;
        TapeNode = null;
        _guard?.Disarm();
        buffer.Release();
    }

    internal void LeaveScope()
    {
        if (ScopeSlot < 0) return;
        if (!ReferenceEquals(ScopeStack, Gradwright.ScopeStack.Current))
            throw new InvalidOperationException($"The tensor {Describe()} belongs to a scope of another thread, which alone can release it. Release it there, before handing it over.");
        ScopeStack.Remove(this);
        Guard();
    }

    /// <summary>True for a tensor that the innermost scope will free: a temporary of what is running.</summary>
    internal bool IsOfInnermostScope => ScopeSlot >= 0 && ScopeDepth == ScopeStack!.Depth && ReferenceEquals(ScopeStack, Gradwright.ScopeStack.Current);

    /// <summary>Leaves the scope; the engine code that asked for it frees the tensor.</summary>
    internal void TakeFromScope()
    {
        if (ScopeSlot >= 0) ScopeStack!.Remove(this);
    }

    /// <summary>Undoes <see cref="TakeFromScope"/>: the innermost scope frees the tensor, or the caller where there is none.</summary>
    internal void EnterScope()
    {
        if (!ScopeStack.Current.Add(this)) Guard();
    }

    /// <summary>From now on nobody but its owner frees the tensor; a finalizer stands by.</summary>
    internal void Guard()
    {
        if (_buffer is not null) (_guard ??= new()).Arm(_buffer);
    }

    /// <summary>Gives the tensor another buffer: moving a parameter replaces its storage, never its identity.</summary>
    internal void Replace(MemoryBuffer buffer, Layout layout, DType dtype)
    {
        MemoryBuffer? old = Interlocked.Exchange(ref _buffer, buffer);
        (_layout, DType) = (layout, dtype);
        _guard?.Arm(buffer);
        old?.Release();
    }

    /// <summary>Takes the buffer out of the tensor, which is then as if disposed.</summary>
    internal MemoryBuffer Surrender()
    {
        if (ScopeSlot >= 0) ScopeStack!.Remove(this);
        _guard?.Disarm();
        TapeNode = null;
        return Interlocked.Exchange(ref _buffer, null) ?? throw Freed();
    }

    private ObjectDisposedException Freed()
        => new(nameof(Tensor), $"The tensor {Describe()} has been freed: its scope (a TensorScope, a Tape or the layer that made it) has ended, or it was disposed. "
            + "Hand it out with TensorScope.Keep(tensor), or read its values before the brace.");

    internal string Describe() => $"{(Name is null ? "" : $"'{Name}' ")}{Shape} {DType}";
}
