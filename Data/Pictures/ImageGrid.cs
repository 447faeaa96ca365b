namespace Gradwright.Data;

/// <summary>Many small images of one size side by side in one picture: samples of a data set, the filters of a first layer.</summary>
public static class ImageGrid
{
    /// <summary>The most columns that <c>columns: 0</c> chooses.</summary>
    public const int MostColumns = 16;

    /// <summary>The first images of a data set, as they are.</summary>
    public static Picture Tile(LabeledImages images, int count, int columns = 0, int scale = 3, int border = 2) =>
        Tile(images[..Math.Min(count, images.Count)].Pixels.Span, images.Channels, images.Height, images.Width, columns, scale, border);

    /// <summary>Pictures of one size in their order, gray or RGB; as soon as one is RGB all are shown so.</summary>
    /// <inheritdoc cref="Tile(ReadOnlySpan{byte}, int, int, int, int, int, int)"/>
    public static Picture TilePictures(IReadOnlyList<Picture> pictures, int columns = 0, int scale = 3, int border = 2)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0) throw new ArgumentException("ImageGrid: there is no picture.", nameof(pictures));
        (int width, int height, int channels) = (pictures[0].Width, pictures[0].Height, pictures.Max(picture => picture.Channels));
        if (pictures.FirstOrDefault(picture => (picture.Width, picture.Height) != (width, height) || picture.Channels is not 1 and not 3) is { } other)
            throw new ArgumentException($"ImageGrid shows pictures of one size with 1 or 3 channels, but {other} stands beside {pictures[0]}. Resize it.", nameof(pictures));
        int pixels = width * height;
        byte[] planes = new byte[checked(pictures.Count * channels * pixels)];
        for (int i = 0; i < planes.Length; i++)
        {
            Picture picture = pictures[i / (channels * pixels)];
            planes[i] = picture.Pixels[i % pixels * picture.Channels + i / pixels % channels % picture.Channels];
        }
        return Tile(planes, channels, height, width, columns, scale, border);
    }

    /// <summary>
    /// Images [count, channels, height, width] of bytes with 1 (gray) or 3 (RGB) channels, each pixel enlarged to <paramref name="scale"/> ×
    /// <paramref name="scale"/>;
    /// <paramref name="columns"/> = 0 chooses a nearly square grid. <paramref name="border"/> pixels of middle gray are between the images and around
    /// all.
    /// </summary>
    /// <exception cref="ArgumentException">The images are none or no whole number, or a size is out of range.</exception>
    public static Picture Tile(ReadOnlySpan<byte> images, int channels, int height, int width, int columns = 0, int scale = 3, int border = 2)
    {
        int count = Count(images.Length, channels, height, width);
        if (channels is not 1 and not 3) throw new ArgumentException($"ImageGrid shows gray (1 channel) or RGB (3 channels), but images of " +
            $"{channels} channels were given.");
        if (columns < 0 || scale < 1 || border < 0)
            throw new ArgumentException($"ImageGrid needs columns ≥ 0, scale ≥ 1 and border ≥ 0, but {columns}, {scale} and {border} were given.");
        if (columns == 0) columns = Math.Clamp((int)Math.Ceiling(Math.Sqrt(count)), 1, MostColumns);
        columns = Math.Min(columns, count);
        int rows = (count + columns - 1) / columns, cellWidth = width * scale + border, cellHeight = height * scale + border;
        var picture = new Picture(checked(columns * cellWidth + border), checked(rows * cellHeight + border), channels);
        picture.Pixels.AsSpan().Fill(128);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> image = images.Slice(i * channels * height * width, channels * height * width);
            int left = border + i % columns * cellWidth, top = border + i / columns * cellHeight;
            for (int y = 0; y < height * scale; y++)
            {
                Span<byte> row = picture.Row(top + y)[(left * channels)..];
                for (int x = 0; x < width * scale; x++)
                    for (int c = 0; c < channels; c++) row[x * channels + c] = image[(c * height + y / scale) * width + x / scale];
            }
        }
        return picture;
    }

    /// <summary>
    /// Filters [count, channels, height, width] of any range. With 1 or 3 channels each is one tile, gray or RGB; with another number each channel is
    /// a gray tile of its own. A filter's values are stretched about zero, which is middle gray: its largest magnitude becomes black or white. NaN
    /// and infinity show as black and white.
    /// </summary>
    /// <exception cref="ArgumentException">As for bytes.</exception>
    public static Picture TileFilters(
        ReadOnlySpan<float> filters, int channels, int height, int width, int columns = 0, int scale = 8, int border = 2)
    {
        int count = Count(filters.Length, channels, height, width), size = filters.Length / count;
        if (columns == 0 && channels is not 1 and not 3) columns = channels;   // a row per filter
        var bytes = new byte[filters.Length];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> filter = filters.Slice(i * size, size);
            float largest = 0;
            foreach (float value in filter) largest = float.IsFinite(value) ? Math.Max(largest, Math.Abs(value)) : largest;
            float gain = largest > 0 ? 127 / largest : 0;
            for (int j = 0; j < size; j++)
                bytes[i * size + j] = float.IsFinite(filter[j]) ? (byte)MathF.Round(128 + gain * filter[j]) : filter[j] > 0 ? (byte)255 : (byte)0;
        }
        return Tile(bytes, channels == 3 ? 3 : 1, height, width, columns, scale, border);
    }

    /// <summary>The same of a tensor of floating-point numbers, such as the weight of a <c>Conv2D</c>.</summary>
    /// <param name="filters">[count, channels, height, width].</param>
    /// <param name="columns">Tiles in a row; 0 chooses.</param>
    /// <param name="scale">Pixels along the side of a value.</param>
    /// <param name="border">Pixels between the tiles and around all.</param>
    /// <exception cref="ArgumentException">The tensor is of another rank, or as for bytes.</exception>
    public static Picture TileFilters(Tensor filters, int columns = 0, int scale = 8, int border = 2)
    {
        if (filters.Rank != 4) throw new ArgumentException($"ImageGrid shows filters [count, channels, height, width], but {filters.Shape} was given. Reshape it.");
        using TensorScope scope = new();
        Shape shape = filters.Shape;
        return TileFilters(filters.Cast(DType.Float32).ToArray<float>(), (int)shape[1], (int)shape[2], (int)shape[3], columns, scale, border);
    }

    private static int Count(int length, int channels, int height, int width)
    {
        if (channels < 1 || height < 1 || width < 1 || length == 0 || length % ((long)channels * height * width) != 0)
            throw new ArgumentException($"ImageGrid needs at least one whole image of [{channels}, {height}, {width}] with positive sizes, but " +
                $"{length} values were given.");
        return length / (channels * height * width);
    }
}
