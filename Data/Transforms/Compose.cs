namespace Gradwright.Data;

/// <summary>Transforms one after the other.</summary>
public sealed class Compose : ImageTransform
{
    private readonly ImageTransform[] _steps;

    /// <summary>These, in this order.</summary>
    public Compose(params ReadOnlySpan<ImageTransform> steps)
    {
        _steps = steps.ToArray();
        foreach (ImageTransform step in _steps) ArgumentNullException.ThrowIfNull(step, nameof(steps));
    }

    public override ImageShape ResultOf(ImageShape input)
    {
        foreach (ImageTransform step in _steps) input = step.ResultOf(input);
        return input;
    }

    public override void Apply(ImageCanvas picture, Generator random)
    {
        foreach (ImageTransform step in _steps) step.Apply(picture, random);
    }

    public override string ToString() => $"Compose({string.Join(", ", _steps.AsEnumerable())})";
}
