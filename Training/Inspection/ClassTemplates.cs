using Gradwright.Data;

namespace Gradwright.Training;

/// <summary>What a linear classifier of pictures looks for: each row of its weights is a picture, the template that an input is multiplied with.</summary>
/// <example><code>PngFile.Write("templates.png", ClassTemplates.Draw(linear.Weight, [3, 32, 32]));</code></example>
public static class ClassTemplates
{
    /// <summary>
    /// A picture for each class, its weights scaled around zero: gray ones in a diverging map's colours (blue speaks against the class, red for it), RGB ones around middle
    /// gray. A class's largest weight has the strongest colour.
    /// </summary>
    /// <param name="weight">[classes, values], such as the weight of a <c>Linear</c> over flattened pictures.</param>
    /// <param name="picture">How a row lies: [channels, height, width] with 1 or 3 channels.</param>
    /// <param name="map">Colours for one channel; <see cref="ColourMap.Diverging"/> if none are given.</param>
    /// <exception cref="ShapeException">The weights are no rows of such pictures.</exception>
    public static IReadOnlyList<Picture> Of(Tensor weight, Shape picture, ColourMap? map = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (weight.Rank != 2 || picture.Rank != 3 || picture[0] is not 1 and not 3 || picture.Count != weight.Shape[1])
            throw new ShapeException($"ClassTemplates: weights [classes, values] are rows of pictures [channels, height, width] with 1 or 3 channels, but {weight.Shape} and {picture} were given.");
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        Tensor rows = weight.Detach().Cast(DType.Float32).Reshape([weight.Shape[0], .. picture]);
        return [.. Enumerable.Range(0, (int)weight.Shape[0]).Select(i => picture[0] == 1
            ? HeatMap.Draw(rows.Select(0, i).Select(0, 0), map ?? ColourMap.Diverging)
            : ImageGrid.TileFilters(rows.Slice(0, i, 1), scale: 1, border: 0))];
    }

    /// <summary>All of them side by side.</summary>
    /// <param name="weight">[classes, values].</param>
    /// <param name="picture">How a row lies.</param>
    /// <param name="columns">Templates in a row; 0 chooses.</param>
    /// <param name="scale">Pixels along the side of a weight.</param>
    /// <exception cref="ShapeException">The weights are no rows of such pictures.</exception>
    public static Picture Draw(Tensor weight, Shape picture, int columns = 0, int scale = 4) => ImageGrid.TilePictures(Of(weight, picture), columns, scale);
}
