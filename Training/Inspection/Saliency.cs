using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// What a classifier looks at: how much each pixel (or column of a table, or number of an embedding) matters for a class's score. The model is looked at in evaluation mode
/// and comes back as it was; its gradients are not touched.
/// </summary>
/// <remarks>
/// Scores are best those before a softmax: behind one, other classes have a part in each. Where no classes are given, each input is explained for the class with its highest
/// score. A map says what the model reacts to, not what it ought to react to; compare several methods before believing one.
/// </remarks>
/// <example><code>
/// using TensorScope scope = new();
/// Tensor maps = Saliency.Gradient(model, images);         // [n, height, width]
/// PngFile.Write("seven.png", HeatMap.Draw(maps[0], saturated: 0.01));
/// </code></example>
public static partial class Saliency
{
    /// <summary>
    /// The plain gradient |∂score/∂x| (Simonyan, Vedaldi and Zisserman 2013): which numbers the score would react to most if they changed a little.
    /// </summary>
    /// <param name="model">[n, …] → scores [n, classes].</param>
    /// <param name="x">Inputs: images [n, channels, height, width], rows of a table [n, features], embeddings [n, positions, features].</param>
    /// <param name="classes">One for each input; none: those with the highest scores.</param>
    /// <returns>[n, height, width], the largest of the channels; for inputs that are not images the shape of x.</returns>
    /// <exception cref="ShapeException">x is no batch, or the model gives no scores [n, classes].</exception>
    /// <exception cref="DTypeException">x is not of a floating-point type.</exception>
    /// <exception cref="ArgumentException">There is not one class for each input, or the model has no such class.</exception>
    public static Tensor Gradient(Module<Tensor, Tensor> model, Tensor x, ReadOnlySpan<long> classes = default)
        => Look(model, x, classes, nameof(Gradient), score => Map(score.Gradient(score.Input)));

    /// <summary>
    /// Guided backpropagation (Springenberg et al. 2014): a gradient passes a rectifier only where it is positive, so that what speaks for the class is seen without what speaks
    /// against it. Every <c>Relu</c> is guided, also inside of blocks; other activations have their own derivative. Without a rectifier it is <see cref="Gradient"/>.
    /// </summary>
    /// <inheritdoc cref="Gradient"/>
    public static Tensor GuidedBackpropagation(Module<Tensor, Tensor> model, Tensor x, ReadOnlySpan<long> classes = default)
        => Look(model, x, classes, nameof(GuidedBackpropagation), score =>
        {
            using GuidedRectifiers.Usage guided = GuidedRectifiers.Use();
            return Map(score.Gradient(score.Input));
        });

    /// <summary>
    /// x · ∂score/∂x, with its sign: what each number adds to the score of a linear model, and roughly to that of another (Shrikumar et al. 2016).
    /// </summary>
    /// <returns>Attributions of the shape of x.</returns>
    /// <inheritdoc cref="Gradient"/>
    public static Tensor InputTimesGradient(Module<Tensor, Tensor> model, Tensor x, ReadOnlySpan<long> classes = default)
        => Look(model, x, classes, nameof(InputTimesGradient), score => score.Input * score.Gradient(score.Input));

    /// <summary>
    /// SmoothGrad (Smilkov et al. 2017): the mean gradient of noisy copies of x, which leaves out what changes from one place to the next and shows what holds around x.
    /// </summary>
    /// <param name="model">[n, …] → scores [n, classes].</param>
    /// <param name="x">As for <see cref="Gradient"/>.</param>
    /// <param name="generator">Where the noise comes from.</param>
    /// <param name="classes">One for each input; none: those with the highest scores.</param>
    /// <param name="copies">How many copies, 1 or more.</param>
    /// <param name="noise">The noise's standard deviation, as a share of each input's range from least to greatest.</param>
    /// <inheritdoc cref="Gradient"/>
    public static Tensor SmoothGrad(Module<Tensor, Tensor> model, Tensor x, Generator generator, ReadOnlySpan<long> classes = default, int copies = 32, double noise = 0.15)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(copies);
        if (!(noise >= 0) || !double.IsFinite(noise)) throw new ArgumentOutOfRangeException(nameof(noise), noise, "SmoothGrad: the noise is a share of the range, from 0; 0.1 to 0.2 is usual.");
        return Look(model, x, classes, nameof(SmoothGrad), score =>
        {
            int[] all = [.. Enumerable.Range(1, x.Rank - 1)];
            Tensor deviation = noise * (score.Input.Max(all, keepDimensions: true) - score.Input.Min(all, keepDimensions: true));      // [n, 1, …]
            return Map(Mean(score, copies, _ => score.Input + deviation * Tensor.Normal(x.Shape, generator, dtype: x.DType).To(x.Accelerator)));
        });
    }

    /// <summary>
    /// Integrated gradients (Sundararajan, Taly and Yan 2017): (x − x′) times the mean gradient on the straight way from a baseline x′ to x. Their sum is the difference
    /// score(x) − score(x′), up to an error that falls with the square of the number of steps.
    /// </summary>
    /// <param name="model">[n, …] → scores [n, classes].</param>
    /// <param name="x">As for <see cref="Gradient"/>.</param>
    /// <param name="classes">One for each input; none: those with the highest scores.</param>
    /// <param name="baseline">An input without content, of the shape of x or of one input; zeros if none is given.</param>
    /// <param name="steps">Places on the way at which a gradient is taken, each in the middle of its part.</param>
    /// <returns>Attributions of the shape of x, with signs.</returns>
    /// <inheritdoc cref="Gradient"/>
    public static Tensor IntegratedGradients(Module<Tensor, Tensor> model, Tensor x, ReadOnlySpan<long> classes = default, Tensor? baseline = null, int steps = 64)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        if (baseline is not null && (baseline.DType != x.DType || (baseline.Shape != x.Shape && (x.Rank < 1 || !baseline.Shape.Span.SequenceEqual(x.Shape.Span[1..])))))
            throw new ShapeException($"IntegratedGradients: the baseline {baseline.Describe()} must have the type and shape of x {x.Describe()}, or of one input.");
        return Look(model, x, classes, nameof(IntegratedGradients), score =>
        {
            Tensor start = baseline?.Detach() ?? Tensor.Zeros(x.Shape, x.DType, x.Accelerator), way = score.Input - start;
            return way * Mean(score, steps, step => start + (step + 0.5) / steps * way);
        });
    }

    /// <summary>The gradients' largest magnitude over an image's channels.</summary>
    private static Tensor Map(Tensor gradient) => gradient.Rank == 4 ? gradient.Abs().Max(1) : gradient.Abs();

    /// <summary>The mean gradient of several variants of the inputs.</summary>
    private static Tensor Mean(ClassScore score, int variants, Func<int, Tensor> variant)
    {
        Tensor sum = Tensor.Zeros(score.Input.Shape, score.Input.DType, score.Input.Accelerator);
        for (int i = 0; i < variants; i++)
        {
            using TensorScope scope = new();
            sum.AddInPlace(score.Gradient(variant(i)));
        }

        return sum / variants;
    }

    private static Tensor Look(Module<Tensor, Tensor> model, Tensor x, ReadOnlySpan<long> classes, string caller, Func<ClassScore, Tensor> compute)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(x);
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        using ClassScore score = new(model, x.Detach(), classes, $"{nameof(Saliency)}.{caller}");
        return TensorScope.Keep(compute(score));
    }
}
