namespace Gradwright.Data;

/// <summary>
/// Changes a picture on its way into a batch: augmentation, or what every picture needs. A <see cref="DataLoader"/> runs it in its background workers, several at once, so a
/// transform keeps no state: all randomness comes from the generator that it is given, which is a function of the loader's seed, the epoch and the sample alone. So neither
/// the number of workers nor an interruption changes a bit.
/// </summary>
/// <example><code>
/// var augment = new Compose(new RandomCrop(32, 32, padding: 4), new RandomFlip(), Normalize.ByChannel(mean, deviation));
/// using var loader = new DataLoader(new ImageDataset(train), 64, augment, shuffleSeed: 1, workers: 2);
/// </code></example>
/// <remarks>Pixels are expected in 0 … 1, as <see cref="ImageDataset"/> without a mean gives them; <see cref="Normalize"/> comes last.</remarks>
public abstract class ImageTransform
{
    /// <summary>The form of the result.</summary>
    /// <exception cref="ShapeException">Such a picture cannot be transformed; the message says why.</exception>
    public virtual ImageShape ResultOf(ImageShape input) => input;

    /// <summary>Changes the picture on the canvas into one of the form that <see cref="ResultOf"/> gives.</summary>
    public abstract void Apply(ImageCanvas picture, Generator random);

    /// <summary>Changes one picture, for looking at a transform or outside a loader.</summary>
    /// <param name="pixels">[channels, height, width].</param>
    /// <param name="shape">Their form.</param>
    /// <param name="random">Where randomness comes from.</param>
    /// <returns>The result, of the form <see cref="ResultOf"/>.</returns>
    public float[] Apply(ReadOnlySpan<float> pixels, ImageShape shape, Generator random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (pixels.Length != shape.Count) throw new ShapeException($"{this}: a picture {shape} has {shape.Count} values, but {pixels.Length} were given.");
        ResultOf(shape);
        ImageCanvas canvas = new();
        canvas.Load(pixels, shape);
        Apply(canvas, random);
        return canvas.Pixels.ToArray();
    }

    /// <summary>Uniform in [low, high); draws a number in any case, so that equal bounds do not change what comes after.</summary>
    private protected static double Uniform(Generator random, double low, double high) => low + (high - low) * random.NextDouble();

    private protected static T InRange<T>(T value, T low, T high, string transform, string name, string meaning) where T : IComparable<T> =>
        value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0 ? value        // NaN compares below everything
        : throw new ArgumentOutOfRangeException(name, value, $"{transform}: {name} is {meaning}, {low} to {high}, but {value} was given.");
}
