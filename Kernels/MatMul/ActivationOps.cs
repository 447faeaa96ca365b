namespace Gradwright.Kernels;

/// <summary>Activations as the elementwise ops that they are made of.</summary>
internal static class ActivationOps
{
    private static readonly Op[][] _steps =
    [
        [], [Unary<Relu>.Instance], [new BinaryScalar<Maximum>(0, false), new BinaryScalar<Minimum>(6, false)], [Unary<Sigmoid>.Instance], [Unary<Tanh>.Instance],
        [Unary<Gelu>.Instance], [Unary<GeluTanh>.Instance], [Unary<Silu>.Instance], [Unary<HardSigmoid>.Instance], [Unary<HardSwish>.Instance],
    ];

    /// <summary>The ops, each of what the one before has made; none for no activation.</summary>
    public static ReadOnlySpan<Op> Of(Activation activation)
    {
        if (!Enum.IsDefined(activation)) throw new ArgumentOutOfRangeException(nameof(activation), activation, "Not an activation.");
        return _steps[(int)activation];
    }

    /// <summary>The activation whose ops begin with these, the longest first; null if there is none.</summary>
    /// <param name="ops">Ops, each of what the one before has made.</param>
    public static Activation? Longest(ReadOnlySpan<Op> ops)
    {
        Activation? found = null;
        for (int i = 1; i < _steps.Length; i++)
            if (ops.StartsWith(_steps[i]) && (found is not { } other || _steps[i].Length > _steps[(int)other].Length)) found = (Activation)i;
        return found ?? (ops.Length > 0 && ops[0] == _steps[(int)Activation.Relu6][0] ? Activation.Relu : null);
    }

    /// <summary>Applies an activation to a tensor in its place.</summary>
    public static void ComputeInPlace(Activation activation, Accelerator accelerator, Tensor y)
    {
        foreach (Op step in Of(activation)) step.Compute(accelerator, [y], [y]);
    }
}
