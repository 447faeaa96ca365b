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
    /// <summary>A value must fit a given shape: it may be stretched, the target may not.</summary>
    public static void RequireStretch(string op, Shape value, Shape target)
    {
        bool fits = value.Rank <= target.Rank;
        for (int i = 1; fits && i <= value.Rank; i++) fits = value.Span[^i] == target.Span[^i] || value.Span[^i] == 1;
        if (!fits)
            throw new ShapeException($"{op}: a value of shape {value} does not stretch to {target}, the place it goes to: aligned at the last dimension, each length must be equal or 1. "
                + "Reshape the value, or insert dimensions with Unsqueeze.");
    }
}
