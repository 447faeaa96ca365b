namespace Gradwright.Kernels;

/// <summary>Planes First..End−1: of a channel of the input, or of a window.</summary>
internal readonly record struct PlaneRange(int First, int End)
{
    public int Count => End - First;

    /// <summary>The elements of the window's depth that lie in these planes of the input at output plane <paramref name="d"/>; none if the count is not positive.</summary>
    public PlaneRange Window(in ConvolutionShape p, int d)
    {
        int top = d * p.Depth.Stride - p.Depth.Padding, dilation = p.Depth.Dilation;
        int first = top >= First ? 0 : (First - top + dilation - 1) / dilation, end = top >= End ? 0 : Math.Min((End - top + dilation - 1) / dilation, p.Depth.Size);
        return new(first, end);
    }
}
