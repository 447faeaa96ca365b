namespace Gradwright;

public sealed partial class Tensor
{
    private ParameterSlot? _parameter;

    /// <summary>The tape's node that made this tensor, or the mark of the tape that watches it.</summary>
    internal object? TapeNode;

    /// <summary>Which of the node's outputs this is.</summary>
    internal int TapeOutput;

    /// <summary>A trainable tensor of zeros. It belongs to its maker, never to a scope.</summary>
    public static Tensor Parameter(Shape shape, DType dtype = DType.Float32, string? name = null, Accelerator? accelerator = null)
    {
        RequireFloating(dtype);
        using (TensorScope.Suspend()) return MarkParameter(Zeros(shape, dtype, accelerator), name);
    }

    /// <summary>A trainable tensor with these values.</summary>
    public static Tensor Parameter<T>(ReadOnlySpan<T> values, Shape shape, string? name = null, Accelerator? accelerator = null) where T : unmanaged
    {
        RequireFloating(DTypes.Of<T>());
        using (TensorScope.Suspend()) return MarkParameter(From(values, shape, accelerator), name);
    }

    /// <summary>A trainable tensor that takes over the storage of <paramref name="values"/>, which is then as if disposed.</summary>
    /// <exception cref="TapeException"><paramref name="values"/> is part of a recorded computation.</exception>
    public static Tensor Parameter(Tensor values, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (!values.DType.IsFloating)
            throw new DTypeException($"Parameter: {values.Describe()} cannot carry a gradient. Use a floating-point type: values.Cast(DType.Float32).");
        if (values.TapeNode is not null)
            throw new TapeException($"Parameter: {values.Describe()} was computed under the tape, which would silently lose it. Detach() it first, or make parameters outside the tape.");
        if (values.Buffer.References > 1 || !values.Layout.IsDense)
            throw new ArgumentException($"Parameter: {values.Describe()} shares its memory with another tensor, which would change with every update. Pass values.Copy().");
        Layout layout = values.Layout;
        DType dtype = values.DType;
        return MarkParameter(new Tensor(values.Surrender(), layout, dtype, Ownership.Caller), name);
    }

    /// <summary>True for a trainable tensor: the tape records what is computed from it and Backward fills <see cref="Grad"/>.</summary>
    public bool IsParameter => _parameter is { IsParameter: true };

    /// <summary>A frozen parameter takes part in the forward pass but gets no gradient.</summary>
    public bool IsFrozen
    {
        get => _parameter is { IsFrozen: true };
        set => (_parameter ??= new()).IsFrozen = value;
    }

    /// <summary>A name for messages and state dictionaries; a module names its parameters by their path.</summary>
    public string? Name
    {
        get => _parameter?.Name;
        set => (_parameter ??= new()).Name = value;
    }

    /// <summary>
    /// The accumulated gradient, of this tensor's shape, or null before the first backward pass and after ZeroGrad.
    /// May be assigned a view of a larger buffer; it is then filled in place and zeroed instead of dropped.
    /// </summary>
    public Tensor? Grad
    {
        get => _parameter?.Grad is { IsDisposed: false } grad ? grad : null;
        set
        {
            if (value is not null && (value.Shape != Shape || value.DType != DType))
                throw new ShapeException($"Grad: {Describe()} takes a gradient of its own shape and type, not {value.Describe()}.");
            ParameterSlot slot = _parameter ??= new();
            if (!slot.GradIsAssigned) slot.Grad?.Free();
            (slot.Grad, slot.GradIsAssigned) = (value, value is not null);
        }
    }

    /// <summary>Forgets the gradient (an assigned one is filled with zeros).</summary>
    public void ZeroGrad()
    {
        if (_parameter is not { Grad: { IsDisposed: false } grad } slot)
        {
            StepListener.Current?.ForgotGradient(this);
            return;
        }

        if (slot.GradIsAssigned)
        {
            grad.Clear();
            return;
        }

        StepListener.Current?.ForgotGradient(this);
        grad.Free();
    }

    internal bool NeedsGradient => _parameter is { IsParameter: true, IsFrozen: false };

    /// <summary>A parameter whose values have changed since it was made.</summary>
    internal bool IsWritten => _parameter is { IsParameter: true } slot && Buffer.Version != slot.FirstVersion;

    /// <summary>Replaces the storage by a copy on another accelerator, the gradient's too; the tensor stays the same object, with its marks.</summary>
    internal void MoveTo(Accelerator target)
    {
        if (Accelerator != target)
        {
            bool written = IsWritten;
            Layout layout = _layout.ForNewBuffer();
            MemoryBuffer buffer = target.Pool.Rent(Count * DType.Size);
            if (_layout.IsDense) Accelerator.Transfer(Buffer, _layout.Offset * DType.Size, buffer, 0, Count * DType.Size);
            else ScatterInto(buffer, layout);
            Replace(buffer, layout, DType);
            if (_parameter is { } slot) slot.FirstVersion = written ? buffer.Version - 1 : buffer.Version;
        }

        if (_parameter is { Grad: { IsDisposed: false } grad }) grad.MoveTo(target);
    }

    private unsafe void ScatterInto(MemoryBuffer buffer, Layout layout)
    {
        byte[] values = new byte[checked((int)(Count * DType.Size))];
        fixed (byte* p = values)
        {
            Accelerator.GatherToHost(Buffer, _layout, DType.Size, p);
            buffer.Accelerator.ScatterFromHost(p, buffer, layout, DType.Size);
        }
    }

    internal bool IsRegistered => _parameter is { IsRegistered: true };

    /// <summary>Called by modules for each parameter they find.</summary>
    internal void Register(string? name)
    {
        ParameterSlot slot = _parameter ??= new();
        slot.IsRegistered = true;
        slot.Name ??= name;
    }

    internal bool GradIsAssigned => _parameter is { GradIsAssigned: true };

    /// <summary>Makes a computed gradient the parameter's own, without a copy: they share the buffer until the gradient's scope ends.</summary>
    internal void AdoptGrad(Tensor gradient)
    {
        ParameterSlot slot = _parameter ??= new();
        MemoryBuffer buffer = gradient.Buffer;
        buffer.AddReference();
        if (slot.Grad is null || slot.GradIsAssigned) slot.Grad = new(buffer, gradient.Layout, gradient.DType, Ownership.Caller);
        else slot.Grad.Replace(buffer, gradient.Layout, gradient.DType);
        slot.GradIsAssigned = false;
    }

    private static Tensor MarkParameter(Tensor tensor, string? name)
    {
        tensor._parameter = new() { IsParameter = true, Name = name, FirstVersion = tensor.Buffer.Version };
        return tensor;
    }

    private static void RequireFloating(DType dtype)
    {
        if (!dtype.IsFloating) throw new DTypeException($"Parameter: {dtype} cannot carry a gradient. Use a floating-point type.");
    }
}
