namespace Gradwright.Data;

/// <summary>Cuts the middle out of each picture: for validation, where training takes a window anywhere.</summary>
public sealed class CentreCrop : ImageTransform
{
    private readonly int _height, _width;

    /// <summary>A window of this size.</summary>
    public CentreCrop(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        (_height, _width) = (height, width);
    }

    public override ImageShape ResultOf(ImageShape input) => _height <= input.Height && _width <= input.Width ? input with { Height = _height, Width = _width }
        : throw new ShapeException($"{this}: a window of {_height}×{_width} does not fit into a picture {input}. Make it smaller, or resize first.");

    /// <remarks>Where the margins cannot be equal, the one at the top or left is the narrower.</remarks>
    public override void Apply(ImageCanvas picture, Generator random) =>
        CropWindow.Cut(picture, (picture.Shape.Height - _height) / 2, (picture.Shape.Width - _width) / 2, _height, _width);

    public override string ToString() => $"CentreCrop({_height}, {_width})";
}
