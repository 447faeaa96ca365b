namespace Gradwright.Data;

/// <summary>Numbers of pixels as colours, alone or over the picture that they belong to.</summary>
public static class HeatMap
{
    /// <summary>
    /// Numbers [height, width] as an RGB picture. The first colour stands for the least number and the last for the greatest; a diverging map's middle stands for zero and
    /// its ends for the greatest magnitude. NaN is middle gray.
    /// </summary>
    /// <param name="values">Row by row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="map">The colours; <see cref="ColourMap.Ember"/> if none are given.</param>
    /// <param name="saturated">The share of the pixels with the greatest numbers (magnitudes, if diverging) that all get the last colour, so that a few do not leave the others dark.</param>
    /// <exception cref="ArgumentException">The sizes do not fit.</exception>
    public static Picture Draw(ReadOnlySpan<float> values, int height, int width, ColourMap? map = null, double saturated = 0)
    {
        map ??= ColourMap.Ember;
        float[] levels = Levels(values, height, width, map, saturated);
        Picture picture = new(width, height, 3);
        for (int i = 0; i < levels.Length; i++) ColourMap.Put(picture.Pixels.AsSpan(3 * i, 3), map[levels[i]]);
        return picture;
    }

    /// <summary>
    /// A picture in gray with numbers of its pixels over it: the greater a number (its magnitude, if diverging), the less of the picture is seen through its colour.
    /// </summary>
    /// <param name="picture">The picture below, of any number of channels.</param>
    /// <param name="values">[height, width] of the picture.</param>
    /// <param name="map">The colours; <see cref="ColourMap.Ember"/> if none are given.</param>
    /// <param name="opacity">How much the colour of the greatest number hides, 0 … 1.</param>
    /// <param name="saturated">As for <see cref="Draw(ReadOnlySpan{float}, int, int, ColourMap?, double)"/>.</param>
    /// <exception cref="ArgumentException">There is not one number for each pixel.</exception>
    public static Picture Overlay(Picture picture, ReadOnlySpan<float> values, ColourMap? map = null, double opacity = 0.85, double saturated = 0)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (!(opacity is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(opacity), opacity, "HeatMap: the opacity is a share from 0 (only the picture) to 1.");
        map ??= ColourMap.Ember;
        float[] levels = Levels(values, picture.Height, picture.Width, map, saturated);
        Picture result = new(picture.Width, picture.Height, 3);
        for (int i = 0; i < levels.Length; i++)
        {
            double gray = Luma(picture.Pixels.AsSpan(i * picture.Channels, picture.Channels)), share = opacity * (map.IsDiverging ? Math.Abs(2 * levels[i] - 1) : levels[i]);
            if (double.IsNaN(share)) share = 0;
            (byte red, byte green, byte blue) = map[levels[i]];
            ColourMap.Put(result.Pixels.AsSpan(3 * i, 3), (Mix(gray, red, share), Mix(gray, green, share), Mix(gray, blue, share)));
        }

        return result;
    }

    /// <summary>The same of a tensor [height, width] of floating-point numbers.</summary>
    /// <inheritdoc cref="Draw(ReadOnlySpan{float}, int, int, ColourMap?, double)"/>
    public static Picture Draw(Tensor values, ColourMap? map = null, double saturated = 0)
    {
        float[] numbers = Numbers(values);
        return Draw(numbers, (int)values.Shape[0], (int)values.Shape[1], map, saturated);
    }

    /// <summary>The same of a tensor [height, width] of floating-point numbers.</summary>
    /// <inheritdoc cref="Overlay(Picture, ReadOnlySpan{float}, ColourMap?, double, double)"/>
    public static Picture Overlay(Picture picture, Tensor values, ColourMap? map = null, double opacity = 0.85, double saturated = 0)
        => Overlay(picture, Numbers(values), map, opacity, saturated);

    private static float[] Numbers(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Rank != 2 || !values.DType.IsFloating)
            throw new ArgumentException($"HeatMap shows floating-point numbers [height, width], but {values.Shape} {values.DType} was given. Select one map of a batch: maps[0].");
        using TensorScope scope = new();
        return values.Detach().Cast(DType.Float32).ToArray<float>();
    }

    // Numbers as places on the map, 0 … 1 or NaN.
    private static float[] Levels(ReadOnlySpan<float> values, int height, int width, ColourMap map, double saturated)
    {
        if (height < 1 || width < 1 || values.Length != (long)height * width)
            throw new ArgumentException($"HeatMap: {height} × {width} pixels need one number each, but {values.Length} were given.", nameof(values));
        if (!(saturated is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(saturated), saturated, "HeatMap: the saturated share is from 0 to below 1; 0.01 is usual.");
        float[] levels = values.ToArray(), sorted = [.. levels.Where(float.IsFinite).Select(value => map.IsDiverging ? Math.Abs(value) : value).Order()];
        if (sorted.Length == 0) return Array.ConvertAll(levels, value => value > 0 ? 1 : value < 0 ? 0 : float.NaN);
        double high = sorted[(int)Math.Floor((1 - saturated) * (sorted.Length - 1))], low = map.IsDiverging ? -high : sorted[0];
        double flat = map.IsDiverging ? 0.5 : 0;            // where all numbers are the same
        return Array.ConvertAll(levels, value => float.IsNaN(value) ? float.NaN : high > low ? (float)Math.Clamp((value - low) / (high - low), 0, 1) : (float)flat);
    }

    private static double Luma(ReadOnlySpan<byte> pixel) => pixel.Length < 3 ? pixel[0] : Colours.Gray(pixel[0], pixel[1], pixel[2]);

    private static byte Mix(double below, double above, double share) => (byte)Math.Round(below + share * (above - below));
}
