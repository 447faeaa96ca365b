using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>What a model's first layer looks for: filters of a convolution, or the rows of a matrix that is multiplied with pictures.</summary>
internal static class FirstLayerPicture
{
    private const int Most = 64, MostRows = 16, Side = 512;       // pixels of the whole picture, about

    /// <summary>The picture, or null where the first weight is neither.</summary>
    /// <param name="parameters">A model's, in their order.</param>
    /// <param name="input">The shape of one input.</param>
    public static FilterView? Of(IReadOnlyList<(string Name, Tensor Parameter)> parameters, Shape input)
    {
        if (parameters.FirstOrDefault(entry => entry.Parameter.Rank >= 2) is not { Parameter: { } weight } first) return null;
        using TensorScope scope = new();
        return weight.Rank == 4 && weight.Shape[2] * weight.Shape[3] > 1 ? Filters(first.Name, weight)
            : weight.Rank == 2 && PictureShape.Of(input) is { } shape && shape.Count == weight.Shape[1] ? Templates(first.Name, weight, shape)
            : null;
    }

    // [filters, channels, height, width]
    private static FilterView Filters(string name, Tensor weight)
    {
        bool isColour = weight.Shape[1] is 1 or 3;
        long shown = Math.Min(isColour ? Most : MostRows, weight.Shape[0]), channels = isColour ? weight.Shape[1] : Math.Min(MostRows, weight.Shape[1]);
        string what = isColour ? $"{shown} of {weight.Shape[0]} filters {weight.Shape[2]} × {weight.Shape[3]}"
            : $"{shown} of {weight.Shape[0]} filters {weight.Shape[2]} × {weight.Shape[3]}, a row each, of {channels} of {weight.Shape[1]} channels";
        return Tile(weight.Slice(0, 0, shown).Slice(1, 0, channels), $"{name}: {what}");
    }

    // [features, pixels]
    private static FilterView Templates(string name, Tensor weight, Shape shape)
    {
        long shown = Math.Min(Most, weight.Shape[0]);
        return Tile(weight.Slice(0, 0, shown).Reshape([shown, .. shape]), $"{name}: what {shown} of {weight.Shape[0]} features look for");
    }

    private static FilterView Tile(Tensor filters, string caption)
    {
        int scale = (int)Math.Clamp(Side / 8 / Math.Max(filters.Shape[2], filters.Shape[3]), 1, 16);
        Picture picture = ImageGrid.TileFilters(filters, filters.Shape[1] is 1 or 3 ? 8 : 0, scale, border: Math.Max(2, scale / 2));
        return new(ReportPicture.Of(picture), $"{caption}; gray is zero");
    }
}
