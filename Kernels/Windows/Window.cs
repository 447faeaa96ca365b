namespace Gradwright.Kernels;

/// <summary>A window that slides along one axis; an op has one per spatial axis. Convolutions and poolings share it.</summary>
/// <param name="Size">Elements the window reads.</param>
/// <param name="Stride">Elements from one position of the window to the next.</param>
/// <param name="Padding">Elements added at either end of the axis.</param>
/// <param name="Dilation">Distance between the elements that the window reads.</param>
public readonly record struct Window(int Size, int Stride = 1, int Padding = 0, int Dilation = 1)
{
    /// <summary>Elements from the first one read to the last, both included: D(F − 1) + 1.</summary>
    public long Extent => (long)Dilation * (Size - 1) + 1;

    /// <summary>
    /// How often the window fits on an axis of <paramref name="length"/> elements: floor((W + 2P − D(F − 1) − 1) / S) + 1. With
    /// <paramref name="ceiling"/> a last window that hangs over the end counts too, if it starts on the axis or in its leading border.
    /// </summary>
    /// <exception cref="ShapeException">An attribute is not positive, or the window is larger than the padded axis.</exception>
    internal long Positions(Op op, string axis, long length, bool ceiling = false)
    {
        if (Size < 1 || Stride < 1 || Dilation < 1 || Padding < 0)
            throw new ShapeException($"{op.Name}: {axis} window of size {Size}, stride {Stride}, padding {Padding}, dilation {Dilation}: size, stride and dilation must be at least 1, padding at least 0.");
        long free = length + 2L * Padding - Extent;
        if (length < 1 || free < 0)
        {
            string reads = Dilation == 1 ? $"size {Size}" : $"size {Size}, dilation {Dilation} and so extent {Extent}";
            throw new ShapeException($"{op.Name}: the {axis} of the image is {length}, {length + 2L * Padding} with padding {Padding} on both sides, but the window has {reads}. "
                + "It must fit at least once: use a smaller window, more padding or a larger image.");
        }

        long positions = free / Stride + 1;
        return ceiling && free % Stride != 0 && positions * Stride < length + Padding ? positions + 1 : positions;
    }
}
