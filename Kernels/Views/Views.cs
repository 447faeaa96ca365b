namespace Gradwright.Kernels;

/// <summary>Dimension <c>Order[k]</c> becomes dimension k. A view.</summary>
public sealed record Permute(int[] Order) : ViewOp
{
    public override string Name => nameof(Permute);

    /// <summary>The order that undoes this one.</summary>
    public int[] Inverse()
    {
        int[] inverse = new int[Order.Length];
        for (int i = 0; i < Order.Length; i++) inverse[Order[i]] = i;
        return inverse;
    }

    protected override Layout View(Tensor x)
    {
        int seen = 0;
        foreach (int axis in Order)
            if ((uint)axis < (uint)x.Rank) seen |= 1 << axis;
        if (Order.Length != x.Rank || seen != (1 << x.Rank) - 1)
            throw new ShapeException($"Permute: [{string.Join(", ", Order)}] is not an order of the {x.Rank} dimensions of {x.Shape}. Name each of 0 to {x.Rank - 1} once.");
        return x.Layout.Permute(Order);
    }
}

/// <summary>Repeats dimensions of length 1, and new leading ones, without copying. A view.</summary>
public sealed record Expand(Shape Shape) : ViewOp
{
    public override string Name => nameof(Expand);

    protected override Layout View(Tensor x)
    {
        bool fits = x.Rank <= Shape.Rank;
        for (int i = 1; fits && i <= x.Rank; i++) fits = x.Shape.Span[^i] == Shape.Span[^i] || x.Shape.Span[^i] == 1;
        return fits ? x.Layout.Expand(Shape)
            : throw new ShapeException($"Expand: {x.Shape} does not stretch to {Shape}: aligned at the last dimension, each length must be equal or 1. Insert dimensions with Unsqueeze.");
    }
}

/// <summary>Inserts a dimension of length 1 in front of dimension <paramref name="Axis"/>. A view.</summary>
public sealed record Unsqueeze(int Axis) : ViewOp
{
    public override string Name => nameof(Unsqueeze);

    protected override Layout View(Tensor x)
    {
        int axis = Axis < 0 ? Axis + x.Rank + 1 : Axis;
        if ((uint)axis > (uint)x.Rank) throw new ShapeException($"Unsqueeze: {x.Shape} has no place {Axis}. Use {-x.Rank - 1} to {x.Rank}.");
        if (x.Rank == Shape.MaxRank) throw new ShapeException($"Unsqueeze: {x.Shape} has {Shape.MaxRank} dimensions already, the most there are.");
        return x.Layout.Unsqueeze(axis);
    }
}

/// <summary>Drops dimension <paramref name="Axis"/>, whose length must be 1. A view.</summary>
public sealed record Squeeze(int Axis) : ViewOp
{
    public override string Name => nameof(Squeeze);

    protected override Layout View(Tensor x)
    {
        int axis = x.Shape.Axis(Axis, Name);
        return x.Shape.Span[axis] == 1 ? x.Layout.Squeeze(axis)
            : throw new ShapeException($"Squeeze: dimension {Axis} of {x.Shape} is {x.Shape.Span[axis]} long; only a length of 1 can be dropped. Select one element, or Reshape.");
    }
}

/// <summary>Elements Start, Start + Step, … (Length of them) along one dimension. A view; the step may be negative.</summary>
public sealed record Slice(int Axis, long Start, long Length, long Step = 1) : ViewOp
{
    public override string Name => nameof(Slice);

    protected override Layout View(Tensor x)
    {
        int axis = x.Shape.Axis(Axis, Name);
        long n = x.Shape.Span[axis], last = Start + (Length - 1) * Step;
        if (Length < 0 || Step == 0 || (Length > 0 && (Start < 0 || Start >= n || last < 0 || last >= n)))
            throw new ShapeException($"Slice: {Length} elements from {Start} in steps of {Step} do not lie in dimension {Axis} of {x.Shape}, whose positions are 0 to {n - 1}.");
        return x.Layout.Slice(axis, Start, Length, Step);
    }
}

/// <summary>Element <paramref name="Index"/> along a dimension, which disappears; negative counts from the end. A view.</summary>
public sealed record Select(int Axis, long Index) : ViewOp
{
    public override string Name => nameof(Select);

    protected override Layout View(Tensor x)
    {
        int axis = x.Shape.Axis(Axis, Name);
        long n = x.Shape.Span[axis], index = Index < 0 ? Index + n : Index;
        return (ulong)index < (ulong)n ? x.Layout.Select(axis, index)
            : throw new ShapeException($"Select: dimension {Axis} of {x.Shape} has no element {Index}. Use {-n} to {n - 1}.");
    }
}
