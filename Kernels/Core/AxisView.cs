namespace Gradwright.Kernels;

/// <summary>A row-major tensor seen as [Outer, Length, Inner], the middle dimension being the one that matters.</summary>
public readonly struct AxisView
{
    public AxisView(Shape shape, int axis)
    {
        Outer = Inner = 1;
        for (int d = 0; d < axis; d++) Outer *= shape.Span[d];
        for (int d = axis + 1; d < shape.Rank; d++) Inner *= shape.Span[d];
        Length = shape.Span[axis];
    }

    public readonly long Outer, Length, Inner;
}
