namespace Gradwright.Data;

/// <summary>Mirrors some of the pictures. Things look as likely either way round horizontally, but not letters and digits.</summary>
public sealed class RandomFlip : ImageTransform
{
    private readonly FlipAxis _axis;
    private readonly double _probability;

    /// <summary>Mirrors a picture with this probability.</summary>
    public RandomFlip(FlipAxis axis = FlipAxis.Horizontal, double probability = 0.5) =>
        (_axis, _probability) = (axis, InRange(probability, 0, 1, nameof(RandomFlip), nameof(probability), "a probability"));

    public override void Apply(ImageCanvas picture, Generator random)
    {
        if (random.NextDouble() >= _probability) return;
        ImageShape shape = picture.Shape;
        Span<float> pixels = picture.Pixels;
        if (_axis == FlipAxis.Horizontal)
        {
            for (; !pixels.IsEmpty; pixels = pixels[shape.Width..]) pixels[..shape.Width].Reverse();
            return;
        }

        Span<float> result = picture.Begin(shape);
        for (int c = 0; c < shape.Channels; c++)
            for (int y = 0; y < shape.Height; y++)
                pixels.Slice(c * shape.Plane + y * shape.Width, shape.Width).CopyTo(result[(c * shape.Plane + (shape.Height - 1 - y) * shape.Width)..]);
        picture.Commit();
    }

    public override string ToString() => $"RandomFlip({_axis}, {_probability})";
}
