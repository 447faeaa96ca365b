namespace Gradwright.Data;

/// <summary>A transform for some of the pictures, chosen at random; the others stay as they are. So it has to keep their form.</summary>
public sealed class RandomApply : ImageTransform
{
    private readonly ImageTransform _transform;
    private readonly double _probability;

    /// <summary>Transforms a picture with this probability.</summary>
    public RandomApply(ImageTransform transform, double probability = 0.5)
    {
        ArgumentNullException.ThrowIfNull(transform);
        (_transform, _probability) = (transform, InRange(probability, 0, 1, nameof(RandomApply), nameof(probability), "a probability"));
    }

    public override ImageShape ResultOf(ImageShape input) => _transform.ResultOf(input) == input ? input
        : throw new ShapeException($"{this}: {_transform} makes {_transform.ResultOf(input)} of {input}, so that some samples would have another form than the rest. Apply it to all of them.");

    public override void Apply(ImageCanvas picture, Generator random)
    {
        if (random.NextDouble() < _probability) _transform.Apply(picture, random);
    }

    public override string ToString() => $"RandomApply({_transform}, {_probability})";
}
