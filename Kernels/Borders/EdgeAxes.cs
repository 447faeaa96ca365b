using System.Runtime.InteropServices;

namespace Gradwright.Kernels;

/// <summary>A tensor [planes, depth, height, width] and its border, as <c>edge_pad.cuh</c> declares it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct EdgeAxes
{
    public readonly long Planes, Reflects;
    public readonly EdgeAxis Depth, Height, Width;

    /// <param name="op">The border.</param>
    /// <param name="x">The shape without it.</param>
    public EdgeAxes(EdgePad op, Shape x)
    {
        ReadOnlySpan<long> lengths = x.Span;
        int rank = lengths.Length;
        (Planes, Reflects) = (rank > 3 ? Packing.Count(lengths[..^3]) : 1, op.Reflects ? 1 : 0);
        (Depth, Height, Width) = (new(rank > 2 ? lengths[^3] : 1, op.Depth), new(rank > 1 ? lengths[^2] : 1, op.Height), new(rank > 0 ? lengths[^1] : 1, op.Width));
    }
}
