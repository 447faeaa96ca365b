using System.Numerics;

namespace Gradwright.Kernels;

/// <summary>
/// What a place reads along one axis of an image: elements <see cref="First"/> and the next one, with their weights. The kernels have the same formulas
/// (<c>grid_sample.cu</c>).
/// </summary>
internal readonly ref struct GridAxis<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>−2 if nothing is read; −1 if only the next element is there.</summary>
    public readonly int First;

    public readonly T Weight, Next;

    /// <param name="op">The sampling.</param>
    /// <param name="at">The coordinate, −1 to 1.</param>
    /// <param name="size">Elements of the axis.</param>
    /// <param name="order">How often differentiated.</param>
    public GridAxis(GridSample op, T at, int size, int order)
    {
        T half = T.CreateChecked(0.5), length = T.CreateChecked(size), end = T.CreateChecked(size - 1);
        T slope = (op.AlignCorners ? end : length) * half, place = op.AlignCorners ? (at + T.One) * half * end : ((at + T.One) * length - T.One) * half;
        if (op.Border == GridBorder.Reflect) place = Mirror(place, op.AlignCorners ? T.Zero : -half, op.AlignCorners ? end : length, ref slope);
        if (op.Border != GridBorder.Zeros)
        {
            if (!(place > T.Zero)) (place, slope) = (T.Zero, T.Zero);
            else if (place >= end) (place, slope) = (end, T.Zero);
        }

        First = -2;
        if (!(place > -T.One - half && place < length + half)) return;
        if (!op.Linear)
        {
            First = int.CreateTruncating(T.Round(place));
            Weight = order == 0 ? T.One : T.Zero;
            if (First < 0 || First >= size) First = -2;
            return;
        }

        T below = T.Floor(place), part = place - below;
        First = int.CreateTruncating(below);
        (Weight, Next) = order == 0 ? (T.One - part, part) : (-slope, slope);
    }

    /// <summary>Mirrors at low and low + span.</summary>
    private static T Mirror(T place, T low, T span, ref T slope)
    {
        if (span == T.Zero) return T.Zero;
        T away = place - low;
        if (away < T.Zero) (away, slope) = (-away, -slope);
        T flips = T.Floor(away / span), extra = away - flips * span, half = flips * T.CreateChecked(0.5);
        if (half == T.Floor(half)) return extra + low;
        slope = -slope;
        return span - extra + low;
    }
}
