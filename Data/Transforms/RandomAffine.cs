namespace Gradwright.Data;

/// <summary>
/// Turns, shifts, scales and shears each picture at random, all in one resampling, about its centre. Each kind is 0 unless it is set.
/// </summary>
/// <example><code>
/// new RandomAffine { Rotation = 15 }                                           // by −15° … 15°
/// new RandomAffine { Rotation = 10, Translation = 0.1, Scale = (0.9, 1.1), Shear = 5 }
/// </code></example>
public sealed class RandomAffine : ImageTransform
{
    /// <summary>The largest rotation either way, in degrees.</summary>
    public double Rotation { get; init => field = InRange(value, 0, 180, nameof(RandomAffine), nameof(Rotation), "an angle in degrees"); }

    /// <summary>The largest shift along each axis either way, as a share of the picture's width and height.</summary>
    public double Translation { get; init => field = InRange(value, 0, 1, nameof(RandomAffine), nameof(Translation), "a share of the picture's size"); }

    /// <summary>The smallest and the largest factor by which things grow.</summary>
    public (double Least, double Most) Scale
    {
        get;
        init => field = value.Least > 0 && value.Least <= value.Most && double.IsFinite(value.Most) ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(RandomAffine)}: {nameof(Scale)} goes from a positive factor to one that is no smaller, but {value} was given.");
    } = (1, 1);

    /// <summary>The largest angle by which upright lines lean either way, in degrees.</summary>
    public double Shear { get; init => field = InRange(value, 0, 89, nameof(RandomAffine), nameof(Shear), "an angle in degrees"); }

    /// <summary>The largest angle by which level lines lean either way, in degrees.</summary>
    public double VerticalShear { get; init => field = InRange(value, 0, 89, nameof(RandomAffine), nameof(VerticalShear), "an angle in degrees"); }

    /// <summary>How values between pixels are found.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Linear;

    /// <summary>What is seen outside the picture: 0 is black.</summary>
    public float Fill { get; init; }

    public override void Apply(ImageCanvas picture, Generator random)
    {
        ImageShape shape = picture.Shape;
        double rotation = Uniform(random, -Rotation, Rotation), shiftX = Uniform(random, -Translation, Translation) * shape.Width, shiftY = Uniform(random, -Translation, Translation) * shape.Height;
        double scale = Uniform(random, Scale.Least, Scale.Most), shear = Uniform(random, -Shear, Shear), verticalShear = Uniform(random, -VerticalShear, VerticalShear);
        AffineMap.Of(shape, rotation, scale, shear, verticalShear, shiftX, shiftY).Apply(picture, Interpolation, Fill);
    }

    public override string ToString() => $"RandomAffine(rotation: {Rotation}, translation: {Translation}, scale: {Scale}, shear: {Shear}, verticalShear: {VerticalShear})";
}
