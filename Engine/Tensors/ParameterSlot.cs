namespace Gradwright;

/// <summary>What only parameters carry: the mark, the name, the gradient.</summary>
internal sealed class ParameterSlot
{
    public bool IsParameter;
    public bool IsFrozen;
    public string? Name;

    /// <summary>The buffer's version when the parameter was made.</summary>
    public int FirstVersion;

    /// <summary>A module (or its user) knows this parameter; one that is used inside a module without being known is a mistake.</summary>
    public bool IsRegistered;

    /// <summary>Kept over the steps; between ZeroGrad and the next backward pass it has no buffer.</summary>
    public Tensor? Grad;

    /// <summary>Grad was assigned by the user: it is filled in place and zeroed, never replaced.</summary>
    public bool GradIsAssigned;

    public void Dispose()
    {
        if (!GradIsAssigned) Grad?.Free();
        Grad = null;
    }
}
