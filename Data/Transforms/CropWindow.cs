namespace Gradwright.Data;

/// <summary>Cuts a window out of a picture; what it holds outside comes from the border.</summary>
internal static class CropWindow
{
    /// <summary>Moves the rows from <paramref name="top"/> and the columns from <paramref name="left"/> on, both perhaps negative, into a picture of height × width.</summary>
    public static void Cut(ImageCanvas picture, int top, int left, int height, int width, PadMode border = PadMode.Constant, float fill = 0)
    {
        ImageShape was = picture.Shape, to = was with { Height = height, Width = width };
        Span<float> source = picture.Pixels, result = picture.Begin(to);
        int first = Math.Clamp(-left, 0, width), end = Math.Clamp(was.Width - left, first, width);     // columns that lie in the picture
        for (int c = 0; c < was.Channels; c++)
            for (int y = 0; y < height; y++, result = result[width..])
            {
                int row = Inside(top + y, was.Height, border);
                if (row < 0)
                {
                    result[..width].Fill(fill);
                    continue;
                }

                Span<float> line = source.Slice(c * was.Plane + row * was.Width, was.Width);
                line.Slice(left + first, end - first).CopyTo(result[first..]);
                for (int x = 0; x < first; x++) result[x] = Outside(line, left + x);
                for (int x = end; x < width; x++) result[x] = Outside(line, left + x);
            }

        picture.Commit();

        float Outside(Span<float> line, int column) => Inside(column, line.Length, border) is >= 0 and int inside ? line[inside] : fill;
    }

    // Which row or column stands there; -1: none does.
    private static int Inside(int at, int size, PadMode border)
    {
        if ((uint)at < (uint)size) return at;
        return border switch
        {
            PadMode.Reflect => at < 0 ? -at : 2 * (size - 1) - at,
            PadMode.Replicate => Math.Clamp(at, 0, size - 1),
            _ => -1,
        };
    }
}
