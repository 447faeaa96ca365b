namespace Gradwright.Kernels;

/// <summary>The layout of an elementwise result.</summary>
internal static class Broadcasting
{
    /// <summary>The broadcast shape, in the memory order of the first operand that has it, else row-major.</summary>
    public static Layout OutputLayout(string op, ReadOnlySpan<Tensor> x)
    {
        Shape shape = x[0].Shape;
        for (int i = 1; i < x.Length; i++) shape = Shape.Broadcast(shape, x[i].Shape, op);
        foreach (Tensor tensor in x)
            if (tensor.Layout.IsDense && tensor.Shape == shape) return tensor.Layout.ForNewBuffer();
        return Layout.Contiguous(shape);
    }
}
