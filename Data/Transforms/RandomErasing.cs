namespace Gradwright.Data;

/// <summary>
/// Blanks out a rectangle of some pictures, so that no single part of a thing is enough to tell it (Zhong et al., 2020); with squares of one size it is cutout (DeVries and
/// Taylor, 2017). Rectangles lie within the picture. After <see cref="Normalize"/>, 0 is the mean colour.
/// </summary>
public sealed class RandomErasing : ImageTransform
{
    private const int Attempts = 10;

    private readonly double _probability;
    private readonly (double Least, double Most) _area, _ratio;
    private readonly float _fill;

    /// <summary>Blanks out a part with this probability.</summary>
    /// <param name="probability">The share of pictures that lose a part.</param>
    /// <param name="area">The share of the picture's area that the part may have; null: 0.02 to 0.33.</param>
    /// <param name="ratio">Height / width that the part may have, equally likely on a logarithmic scale; null: 0.3 to 3.3.</param>
    /// <param name="fill">What stands there instead.</param>
    public RandomErasing(double probability = 0.5, (double Least, double Most)? area = null, (double Least, double Most)? ratio = null, float fill = 0)
    {
        (_area, _ratio, _fill) = (area ?? (0.02, 0.33), ratio ?? (0.3, 3.3), fill);
        _probability = InRange(probability, 0, 1, nameof(RandomErasing), nameof(probability), "a probability");
        if (!(_area.Least > 0 && _area.Least <= _area.Most && _area.Most <= 1))
            throw new ArgumentOutOfRangeException(nameof(area), area, $"{nameof(RandomErasing)}: area goes from a share of the picture above 0 to one of at most 1, but {_area} was given.");
        if (!(_ratio.Least > 0 && _ratio.Least <= _ratio.Most && double.IsFinite(_ratio.Most)))
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, $"{nameof(RandomErasing)}: ratio goes from a positive height / width to one that is no smaller, but {_ratio} was given.");
    }

    /// <remarks>A rectangle that is too high or too wide is drawn anew, ten times at most.</remarks>
    public override void Apply(ImageCanvas picture, Generator random)
    {
        if (random.NextDouble() >= _probability) return;
        ImageShape shape = picture.Shape;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double area = shape.Plane * Uniform(random, _area.Least, _area.Most), ratio = Math.Exp(Uniform(random, Math.Log(_ratio.Least), Math.Log(_ratio.Most)));
            int height = (int)Math.Round(Math.Sqrt(area * ratio)), width = (int)Math.Round(Math.Sqrt(area / ratio));
            if (height < 1 || width < 1 || height > shape.Height || width > shape.Width) continue;
            int top = (int)random.Next(shape.Height - height + 1), left = (int)random.Next(shape.Width - width + 1);
            for (int c = 0; c < shape.Channels; c++)
                for (int y = 0; y < height; y++) picture.Plane(c).Slice((top + y) * shape.Width + left, width).Fill(_fill);
            return;
        }
    }

    public override string ToString() => $"RandomErasing({_probability}, area: {_area}, ratio: {_ratio}, fill: {_fill})";
}
