namespace Gradwright.Data;

/// <summary>
/// A part of each picture, of random area, proportions and place, in one size (Szegedy et al., 2015): what networks for photographs are commonly trained with.
/// </summary>
public sealed class RandomResizedCrop : ImageTransform
{
    private const int Attempts = 10;

    private readonly int _height, _width;
    private readonly (double Least, double Most) _scale, _ratio;
    private readonly Interpolation _interpolation;

    /// <summary>Pictures of this size.</summary>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="scale">The share of the picture's area that a part may have; null: 0.08 to 1.</param>
    /// <param name="ratio">Width / height that a part may have, equally likely on a logarithmic scale; null: 3/4 to 4/3.</param>
    /// <param name="interpolation">How the part comes to its size.</param>
    public RandomResizedCrop(int height, int width, (double Least, double Most)? scale = null, (double Least, double Most)? ratio = null, Interpolation interpolation = Interpolation.Linear)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (_height, _width, _interpolation) = (height, width, interpolation);
        (_scale, _ratio) = (scale ?? (0.08, 1), ratio ?? (3.0 / 4, 4.0 / 3));
        if (!(_scale.Least > 0 && _scale.Least <= _scale.Most && _scale.Most <= 1))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, $"{nameof(RandomResizedCrop)}: scale goes from a share of the area above 0 to one of at most 1, but {_scale} was given.");
        if (!(_ratio.Least > 0 && _ratio.Least <= _ratio.Most && double.IsFinite(_ratio.Most)))
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, $"{nameof(RandomResizedCrop)}: ratio goes from a positive width / height to one that is no smaller, but {_ratio} was given.");
    }

    public override ImageShape ResultOf(ImageShape input) => input with { Height = _height, Width = _width };

    public override void Apply(ImageCanvas picture, Generator random)
    {
        (int top, int left, int height, int width) = Part(picture.Shape, random);
        Resampling.Resize(picture, _height, _width, _interpolation, top, left, height, width);
    }

    /// <summary>The part to take: the first of ten drawn ones that fits; else the largest part in the middle whose proportions are allowed.</summary>
    internal (int Top, int Left, int Height, int Width) Part(ImageShape shape, Generator random)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double area = shape.Plane * Uniform(random, _scale.Least, _scale.Most), ratio = Math.Exp(Uniform(random, Math.Log(_ratio.Least), Math.Log(_ratio.Most)));
            int width = (int)Math.Round(Math.Sqrt(area * ratio)), height = (int)Math.Round(Math.Sqrt(area / ratio));
            if (width > 0 && height > 0 && width <= shape.Width && height <= shape.Height)
                return ((int)random.Next(shape.Height - height + 1), (int)random.Next(shape.Width - width + 1), height, width);
        }

        double proportion = Math.Clamp((double)shape.Width / shape.Height, _ratio.Least, _ratio.Most);
        int wide = Math.Clamp((int)Math.Round(shape.Height * proportion), 1, shape.Width), high = Math.Clamp((int)Math.Round(shape.Width / proportion), 1, shape.Height);
        return ((shape.Height - high) / 2, (shape.Width - wide) / 2, high, wide);
    }

    public override string ToString() => $"RandomResizedCrop({_height}, {_width}, scale: {_scale}, ratio: {_ratio}, {_interpolation})";
}
