namespace Gradwright.Optim;

/// <summary>A parameter with what an optimizer remembers about it.</summary>
internal sealed class ParameterState(Tensor parameter)
{
    public Tensor Parameter { get; } = parameter;

    /// <summary>Updates so far.</summary>
    public long Step;

    /// <summary>The states, made at the first update; they lie in memory as the parameter does.</summary>
    public Tensor? First, Second;

    public Tensor? this[int index]
    {
        get => index == 0 ? First : Second;
        set
        {
            if (index == 0) First = value;
            else Second = value;
        }
    }

    /// <summary>Makes the missing ones of the first <paramref name="count"/> states, as zeros.</summary>
    public void Ensure(int count)
    {
        if (count > 0 && First is null) First = Zeros();
        if (count > 1 && Second is null) Second = Zeros();
    }

    public void Free()
    {
        First?.Dispose();
        Second?.Dispose();
        (First, Second) = (null, null);
    }

    /// <summary>A state of undefined contents. It belongs to the optimizer, never to a scope that happens to be open.</summary>
    public Tensor NewState() => Tensor.Empty(Parameter.Layout.ForNewBuffer(), Parameter.DType, Parameter.Accelerator, Tensor.Ownership.Caller);

    private Tensor Zeros()
    {
        Tensor state = NewState();
        state.FillInPlace(0);
        return state;
    }
}
