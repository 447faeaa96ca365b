namespace Gradwright.Kernels;

/// <summary>
/// How one channel of an image is laid out for windows to read: with its border, and each row cut into its stride's phases (columns 0, S, 2S, …,
/// then 1, S + 1, …). What one element of the window reads in neighbouring positions is then contiguous, whatever stride, padding and dilation.
/// </summary>
internal readonly struct WindowPlane
{
    public readonly Window Vertical, Horizontal;
    public readonly int Height, Width, OutputHeight, OutputWidth;

    /// <summary>Elements of one phase of a row.</summary>
    public readonly int Phase;

    /// <summary>Elements of a row: all phases.</summary>
    public readonly int RowLength;

    public WindowPlane(Window vertical, Window horizontal, long height, long width, long outputHeight, long outputWidth)
    {
        (Vertical, Horizontal) = (vertical, horizontal);
        (Height, Width, OutputHeight, OutputWidth) = (checked((int)height), checked((int)width), checked((int)outputHeight), checked((int)outputWidth));
        Phase = checked((int)(OutputWidth - 1 + (horizontal.Extent + horizontal.Stride - 1) / horizontal.Stride));
        RowLength = checked(Phase * horizontal.Stride);
    }

    public int ImagePixels => Height * Width;

    public int OutputPixels => OutputHeight * OutputWidth;

    /// <summary>Rows that <paramref name="outputRows"/> neighbouring output rows read.</summary>
    public int RowsFor(int outputRows) => checked((int)((outputRows - 1L) * Vertical.Stride + Vertical.Extent));

    /// <summary>Distance from what one output row reads to what the next one reads.</summary>
    public nint OutputStep => (nint)Vertical.Stride * RowLength;

    /// <summary>Where element (r, s) of the window at output position (0, 0) reads.</summary>
    public nint Tap(int r, int s)
    {
        int column = s * Horizontal.Dilation;
        if (Horizontal.Stride == 1) return (nint)r * Vertical.Dilation * RowLength + column;
        return (nint)r * Vertical.Dilation * RowLength + (nint)(column % Horizontal.Stride) * Phase + column / Horizontal.Stride;
    }
}
