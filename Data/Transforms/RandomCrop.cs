namespace Gradwright.Data;

/// <summary>
/// Cuts a window of one size out of each picture, anywhere. With a border around the picture, windows of the picture's own size move it about: 32×32 out of 32×32 with a border
/// of 4 is what networks for CIFAR are commonly trained with.
/// </summary>
public sealed class RandomCrop : ImageTransform
{
    private readonly int _height, _width, _padding;
    private readonly PadMode _border;
    private readonly float _fill;

    /// <summary>Windows of this size.</summary>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="padding">How wide a border to put around the picture first, in pixels.</param>
    /// <param name="border">What the border is made of.</param>
    /// <param name="fill">The value of a constant border: 0 is black.</param>
    public RandomCrop(int height, int width, int padding = 0, PadMode border = PadMode.Constant, float fill = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        (_height, _width, _padding, _border, _fill) = (height, width, padding, border, fill);
    }

    public override ImageShape ResultOf(ImageShape input)
    {
        if (_height > input.Height + 2 * _padding || _width > input.Width + 2 * _padding)
            throw new ShapeException($"{this}: a window of {_height}×{_width} does not fit into a picture {input}{(_padding > 0 ? $" with a border of {_padding}" : "")}. Make it smaller, the border wider, or resize first.");
        if (_border == PadMode.Reflect && _padding >= Math.Min(input.Height, input.Width))
            throw new ShapeException($"{this}: a picture {input} can be mirrored for a border of at most {Math.Min(input.Height, input.Width) - 1}. Make the border narrower, or of another kind.");
        return input with { Height = _height, Width = _width };
    }

    public override void Apply(ImageCanvas picture, Generator random)
    {
        ImageShape was = picture.Shape;
        int top = (int)random.Next(was.Height + 2 * _padding - _height + 1) - _padding, left = (int)random.Next(was.Width + 2 * _padding - _width + 1) - _padding;
        CropWindow.Cut(picture, top, left, _height, _width, _border, _fill);
    }

    public override string ToString() => $"RandomCrop({_height}, {_width}, padding: {_padding}, {_border})";
}
