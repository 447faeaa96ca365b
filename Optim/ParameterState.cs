using Gradwright.Kernels;

namespace Gradwright.Optim;

/// <summary>A parameter with what an optimizer remembers about it.</summary>
internal sealed class ParameterState(Tensor parameter)
{
    public Tensor Parameter { get; } = parameter;

    /// <summary>A gradient that stands for the parameter's own.</summary>
    public Tensor? GivenGradient;

    /// <summary>What the next update follows, or null if the parameter is passed over.</summary>
    public Tensor? Gradient => GivenGradient ?? (Parameter.IsFrozen ? null : Parameter.Grad);

    /// <summary>Updates so far.</summary>
    public long Step;

    /// <summary>The states, made at the first update; they lie in memory as the parameter does.</summary>
    public Tensor? First, Second, Third;

    public Tensor? this[int index]
    {
        get => index switch { 0 => First, 1 => Second, _ => Third };
        set
        {
            switch (index)
            {
                case 0: First = value; break;
                case 1: Second = value; break;
                default: Third = value; break;
            }
        }
    }

    /// <summary>Makes the missing ones of the first <paramref name="count"/> states, as zeros. States follow a parameter that was moved to another accelerator.</summary>
    public void Ensure(int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (this[i] is not { } state) this[i] = Zeros();
            else if (state.Accelerator != Parameter.Accelerator)
            {
                this[i] = CopyOf(state);
                state.Dispose();
            }
        }
    }

    public void Free()
    {
        First?.Dispose();
        Second?.Dispose();
        Third?.Dispose();
        (First, Second, Third) = (null, null, null);
    }

    /// <summary>A state with the values of a tensor on any accelerator.</summary>
    public Tensor CopyOf(Tensor source)
    {
        Tensor state = NewState();
        if (source.Accelerator == Parameter.Accelerator) new Copy().ExecuteInto(state, source);
        else
        {
            using Tensor moved = new Transfer(source.Accelerator, Parameter.Accelerator).Execute(source);
            new Copy().ExecuteInto(state, moved);
        }

        return state;
    }

    /// <summary>A state of undefined contents. It belongs to the optimizer, never to a scope that happens to be open.</summary>
    private Tensor NewState() => Tensor.Empty(Parameter.Layout.ForNewBuffer(), Parameter.DType, Parameter.Accelerator, Tensor.Ownership.Caller);

    private Tensor Zeros()
    {
        Tensor state = NewState();
        state.FillInPlace(0);
        return state;
    }
}
