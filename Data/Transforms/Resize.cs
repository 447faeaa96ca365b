namespace Gradwright.Data;

/// <summary>Every picture in one size. Width and height are changed each by itself.</summary>
public sealed class Resize : ImageTransform
{
    private readonly int _height, _width;
    private readonly Interpolation _interpolation;

    /// <summary>Pictures of this size.</summary>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="interpolation">Linear averages what falls together where pictures shrink; nearest takes one pixel, as labels of pixels need.</param>
    public Resize(int height, int width, Interpolation interpolation = Interpolation.Linear)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (_height, _width, _interpolation) = (height, width, interpolation);
    }

    public override ImageShape ResultOf(ImageShape input) => input with { Height = _height, Width = _width };

    public override void Apply(ImageCanvas picture, Generator random)
    {
        ImageShape was = picture.Shape;
        if ((was.Height, was.Width) != (_height, _width)) Resampling.Resize(picture, _height, _width, _interpolation, 0, 0, was.Height, was.Width);
    }

    public override string ToString() => $"Resize({_height}, {_width}, {_interpolation})";
}
