namespace Gradwright.Data;

/// <summary>Pixels from 0 … 1 to another range, by default −1 … 1, which needs no statistics.</summary>
public sealed class Rescale : ImageTransform
{
    private readonly float _low, _high;

    /// <summary>0 becomes <paramref name="low"/>, 1 becomes <paramref name="high"/>.</summary>
    public Rescale(float low = -1, float high = 1) => (_low, _high) = float.IsFinite(low) && float.IsFinite(high) && low != high ? (low, high)
        : throw new ArgumentException($"{nameof(Rescale)}: 0 and 1 become two different numbers, but {low} and {high} were given.");

    public override void Apply(ImageCanvas picture, Generator random)
    {
        float range = _high - _low;
        foreach (ref float value in picture.Pixels) value = _low + range * value;
    }

    public override string ToString() => $"Rescale({_low}, {_high})";
}
