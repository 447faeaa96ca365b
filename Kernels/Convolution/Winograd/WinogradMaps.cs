using System.Numerics;
using System.Runtime.CompilerServices;

namespace Gradwright.Kernels;

/// <summary>
/// Moves rows of tiles between images and their transforms [point, tile, channel], a vector of channels at a time: pixels are turned into vectors in a strip that
/// stays in L1, transformed down its columns, then along its rows.
/// </summary>
internal static unsafe class WinogradMaps<T, V, S> where T : unmanaged, IBinaryFloatingPointIeee754<T> where V : struct where S : struct, ISimd<T, V>
{
    /// <summary>Elements of a strip: a tile's rows of pixels, and again with the border; or a tile, and its rows of results.</summary>
    public static nint StripElements(in WinogradPlan plan)
        => (2 * (nint)plan.Side * (Math.Max(plan.Read.Width, plan.Read.TilesAcross * plan.Tile) + plan.Side) + plan.Points) * S.Count;

    /// <summary>The image's transforms for rows <paramref name="begin"/>..<paramref name="end"/>−1 of tiles: all planes that channels first..first+count−1 of a group are read of.</summary>
    /// <param name="plan">The convolution.</param>
    /// <param name="images">[images, channels of all groups, planes, height, width].</param>
    /// <param name="group">The group.</param>
    /// <param name="first">First channel of the group.</param>
    /// <param name="count">Number of channels.</param>
    /// <param name="begin">First row of tiles.</param>
    /// <param name="end">The row after the last one.</param>
    /// <param name="strip">Room for <see cref="StripElements"/>.</param>
    /// <param name="to">[point][tile][plane].</param>
    public static void ReadImage<TTile>(in WinogradPlan plan, T* images, int group, int first, int count, int begin, int end, T* strip, T* to) where TTile : struct, IWinogradTile
    {
        // In this order the idle lanes of a channel's last vector are written before the next element's planes, which begin in the middle of it.
        for (int a = 0; a < plan.Sizes.Depth.Size; a++, to += plan.Channels)
            for (int c = 0; c < count; c += S.Count)
                for (int row = begin; row < end; row++)
                {
                    int unit = row / plan.Made.TilesDown, n = unit / plan.Made.Planes, z = plan.Sizes.InputPlane(unit % plan.Made.Planes, a);
                    T* image = images + ((nint)n * plan.Groups * plan.Channels + group * plan.Channels + first + c) * plan.Read.Volume + Math.Max(z, 0) * plan.Read.Pixels;
                    WinogradMap map = z < 0 ? plan.Read with { Height = 0 } : plan.Read;
                    T* tile = to + c + (nint)(row - begin) * plan.Read.TilesAcross * plan.FromRow;
                    Read<ImageReading<TTile>>(map, image, plan.Read.Volume, Math.Min(S.Count, count - c), row % plan.Made.TilesDown, strip, tile, plan.FromRow, plan.FromStep);
                }
    }

    /// <summary>The same for the gradient of what is made: all channels of a group.</summary>
    public static void ReadGradient<TTile>(in WinogradPlan plan, T* images, int group, int begin, int end, T* strip, T* to) where TTile : struct, IWinogradTile
    {
        for (int c = 0; c < plan.To; c += S.Count)
            for (int row = begin; row < end; row++)
            {
                T* image = images + Plane(plan, row, group * plan.To + c), tile = to + c + (nint)(row - begin) * plan.Made.TilesAcross * plan.ToRow;
                Read<GradientReading<TTile>>(plan.Made, image, plan.Made.Volume, Math.Min(S.Count, plan.To - c), row % plan.Made.TilesDown, strip, tile, plan.ToRow, plan.ToStep);
            }
    }

    /// <summary>What is made of rows of tiles, plus a bias per channel or null.</summary>
    public static void Write<TTile>(in WinogradPlan plan, T* from, T* bias, int group, int begin, int end, T* strip, T* images) where TTile : struct, IWinogradTile
        => WritePart<TTile>(plan, from, plan.ToRow, plan.ToStep, bias, group * plan.To, plan.To, begin, end, strip, images);

    /// <summary>The same for <paramref name="count"/> channels from <paramref name="first"/> on, counted through all groups, whose tiles and points are as far apart as said.</summary>
    public static void WritePart<TTile>(in WinogradPlan plan, T* from, nint rowFrom, nint step, T* bias, int first, int count, int begin, int end, T* strip, T* images) where TTile : struct, IWinogradTile
    {
        for (int c = 0; c < count; c += S.Count)
        {
            int channels = Math.Min(S.Count, count - c);
            V plus = bias == null ? S.Constant(0) : S.LoadPart(bias + first + c, channels);
            for (int row = begin; row < end; row++)
            {
                T* tile = from + c + (nint)(row - begin) * plan.Made.TilesAcross * rowFrom;
                Write<TTile>(plan.Made, tile, rowFrom, step, plus, strip, images + Plane(plan, row, first + c), channels, row % plan.Made.TilesDown);
            }
        }
    }

    /// <summary>Where the plane of a row of tiles begins in channel <paramref name="first"/> of what is made.</summary>
    private static nint Plane(in WinogradPlan plan, int row, int first)
    {
        int unit = row / plan.Made.TilesDown, n = unit / plan.Made.Planes, d = unit % plan.Made.Planes;
        return ((nint)n * plan.Groups * plan.To + first) * plan.Made.Volume + d * plan.Made.Pixels;
    }

    /// <summary>The transforms of all tiles of a row, for up to one vector of channels.</summary>
    /// <param name="map">The image.</param>
    /// <param name="image">Its plane in the first channel of these.</param>
    /// <param name="channel">From one channel to the next.</param>
    /// <param name="channels">Number of channels; the vector's other lanes become zero.</param>
    /// <param name="row">Row of tiles in the image.</param>
    /// <param name="strip">Room for <see cref="StripElements"/>.</param>
    /// <param name="to">Point 0 of the row's first tile, at these channels.</param>
    /// <param name="rowTo">From tile to tile.</param>
    /// <param name="stepTo">From point to point.</param>
    private static void Read<TReading>(in WinogradMap map, T* image, nint channel, int channels, int row, T* strip, T* to, nint rowTo, nint stepTo) where TReading : struct, IWinogradReading
    {
        int first = row * TReading.Size - map.Top, begin = Math.Clamp(first, 0, map.Height), end = Math.Clamp(first + TReading.Reads, begin, map.Height);
        nint line = (nint)map.Width * S.Count;
        T* bordered = strip + TReading.Reads * line;
        for (int i = 0; i < TReading.Reads; i++)
            if (first + i < begin || first + i >= end) new Span<T>(strip + i * line, (int)line).Clear();
        WinogradTurn<T, V, S>.ToVectors(image + (nint)begin * map.Width, channel, channels, (end - begin) * map.Width, strip + (begin - first) * line);
        int columns = (map.TilesAcross - 1) * TReading.Size + TReading.Reads;
        Down<TReading>(strip, map.Width, bordered, map.Left, columns);
        Across<TReading>(bordered, columns, map.TilesAcross, to, rowTo, stepTo);
    }

    /// <summary>The pixels of all tiles of a row from their points, for up to one vector of channels.</summary>
    /// <param name="map">The image that is made.</param>
    /// <param name="from">Point 0 of the row's first tile, at these channels.</param>
    /// <param name="rowFrom">From tile to tile.</param>
    /// <param name="step">From point to point.</param>
    /// <param name="bias">Added to each pixel.</param>
    /// <param name="strip">Room for <see cref="StripElements"/>.</param>
    /// <param name="image">The plane in the first channel of these.</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="row">Row of tiles in the image.</param>
    private static void Write<TTile>(in WinogradMap map, T* from, nint rowFrom, nint step, V bias, T* strip, T* image, int channels, int row) where TTile : struct, IWinogradTile
    {
        int first = row * TTile.Size, rows = Math.Min(TTile.Size, map.Height - first);
        Back<TTile>(from, rowFrom, step, map.TilesAcross, bias, strip, strip + (TTile.Size + 2) * TTile.Size * S.Count, map.Width);
        WinogradTurn<T, V, S>.ToChannels(strip + (TTile.Size + 2) * TTile.Size * S.Count, rows * map.Width, image + (nint)first * map.Width, map.Volume, channels);
    }

    /// <summary>Down the columns: [reads][width] pixels → [points][columns], with zeros where the border is.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void Down<TReading>(T* pixels, int width, T* to, int left, int columns) where TReading : struct, IWinogradReading
    {
        nint line = (nint)columns * S.Count;
        for (int i = 0; i < TReading.Size + 2; i++)
        {
            T* row = to + i * line;
            for (int j = 0; j < left; j++) S.Store(row + j * S.Count, S.Constant(0));
            for (int j = left + width; j < columns; j++) S.Store(row + j * S.Count, S.Constant(0));
        }

        to += left * S.Count;
        for (int j = 0; j < width; j++, pixels += S.Count, to += S.Count) TReading.Transform<T, V, S>(pixels, (nint)width * S.Count, to, line);
    }

    /// <summary>Along the rows, tile by tile.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void Across<TReading>(T* strip, int columns, int tiles, T* to, nint rowTo, nint stepTo) where TReading : struct, IWinogradReading
    {
        int side = TReading.Size + 2;
        for (int i = 0; i < side; i++, strip += columns * S.Count, to += side * stepTo)
        {
            T* from = strip, point = to;
            for (int t = 0; t < tiles; t++, from += TReading.Size * S.Count, point += rowTo) TReading.Transform<T, V, S>(from, S.Count, point, stepTo);
        }
    }

    /// <summary>The last tile first: what it has too much of a row is overwritten by the first tile's next row.</summary>
    [MethodImpl(HotLoop.Options)]
    private static void Back<TTile>(T* from, nint rowFrom, nint step, int tiles, V bias, T* tile, T* to, int width) where TTile : struct, IWinogradTile
    {
        int size = TTile.Size, side = size + 2;
        V zero = S.Constant(0);
        for (int t = tiles - 1; t >= 0; t--)
        {
            T* point = from + t * rowFrom;
            for (int j = 0; j < side; j++) TTile.Result<T, V, S>(point + j * step, side * step, zero, tile + j * S.Count, side * S.Count);
            for (int i = 0; i < size; i++) TTile.Result<T, V, S>(tile + i * side * S.Count, S.Count, bias, to + ((nint)i * width + t * size) * S.Count, S.Count);
        }
    }
}
