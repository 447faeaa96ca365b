using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>
/// What a class or a unit would like to see most: inputs that are changed, from noise, uphill of its score by gradient ascent (Erhan et al. 2009; Simonyan, Vedaldi and Zisserman
/// 2013). Decay, jitter and blur (Yosinski et al. 2015) keep the pictures readable. The model is looked at in evaluation mode and comes back as it was.
/// </summary>
/// <remarks>Give scores before a softmax: behind one, a class also rises by making the others fall.</remarks>
/// <example><code>
/// using TensorScope scope = new();
/// Tensor digits = ActivationMaximization.OfClasses(model, [1, 28, 28], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
/// PngFile.Write("classes.png", ImageGrid.TileFilters(digits));
/// </code></example>
public static class ActivationMaximization
{
    /// <summary>An input for each class.</summary>
    /// <param name="model">[n, …] → scores [n, classes].</param>
    /// <param name="input">The shape of one input, such as [channels, height, width].</param>
    /// <param name="classes">For which classes.</param>
    /// <param name="options">How to climb.</param>
    /// <returns>[classes, …], of the type of the model's parameters.</returns>
    /// <exception cref="ShapeException">The model gives no scores [n, classes].</exception>
    /// <exception cref="ArgumentException">There are no classes, or the model has no such class.</exception>
    public static Tensor OfClasses(Module<Tensor, Tensor> model, Shape input, ReadOnlySpan<long> classes, AscentOptions? options = null)
    {
        long[] wanted = classes.ToArray();
        return Climb(model, input, wanted, options ?? new(), nameof(OfClasses), x =>
        {
            using ClassScore score = new(model, x, wanted, $"{nameof(ActivationMaximization)}.{nameof(OfClasses)}");
            return score.Gradient(x);
        });
    }

    /// <summary>An input for each unit of a layer: a channel's mean over all places, or a feature.</summary>
    /// <param name="model">Any model of one tensor in, one out.</param>
    /// <param name="layer">A module of the model, with results [n, units, …].</param>
    /// <param name="input">The shape of one input.</param>
    /// <param name="units">Which units.</param>
    /// <param name="options">How to climb.</param>
    /// <returns>[units, …], of the type of the model's parameters.</returns>
    /// <exception cref="ShapeException">The layer's results have no units.</exception>
    /// <exception cref="ArgumentException">The layer is no part of the model, there are no units, or the layer has no such unit.</exception>
    /// <exception cref="InvalidOperationException">The layer did not run.</exception>
    public static Tensor OfUnits(Module<Tensor, Tensor> model, Module layer, Shape input, ReadOnlySpan<long> units, AscentOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        long[] wanted = units.ToArray();
        return Climb(model, input, wanted, options ?? new(), nameof(OfUnits), x => UnitGradient(model, layer, x, wanted));
    }

    /// <summary>The same for a layer that is named by its path, such as <c>features.3</c>.</summary>
    /// <inheritdoc cref="OfUnits(Module{Tensor, Tensor}, Module, Shape, ReadOnlySpan{long}, AscentOptions?)"/>
    public static Tensor OfUnits(Module<Tensor, Tensor> model, string layer, Shape input, ReadOnlySpan<long> units, AscentOptions? options = null)
        => OfUnits(model, LayerProbe.Find(model, layer, $"{nameof(ActivationMaximization)}.{nameof(OfUnits)}"), input, units, options);

    // ∂(mean of unit uₙ of input n)/∂x
    private static Tensor UnitGradient(Module<Tensor, Tensor> model, Module layer, Tensor x, long[] units)
    {
        const string caller = $"{nameof(ActivationMaximization)}.{nameof(OfUnits)}";
        using LayerProbe probe = new(model, layer, caller);
        using Tape tape = new();
        Tensor watched = tape.Watch(x.Detach());
        model.Forward(watched);
        Tensor result = probe.Take();
        if (result.Rank < 2 || result.Shape[0] != x.Shape[0]) throw new ShapeException($"{caller}: the results {result.Shape} of {layer} are no [{x.Shape[0]}, units, …]. Name another layer.");
        foreach (long unit in units)
            if (unit < 0 || unit >= result.Shape[1]) throw new ArgumentException($"{caller}: there is no unit {unit}. {layer} has {result.Shape[1]}, counted from 0.", nameof(units));
        Tensor means = result.Rank == 2 ? result : result.Mean([.. Enumerable.Range(2, result.Rank - 2)]);
        Tensor index = Tensor.From(units, [units.Length, 1], x.Accelerator);
        return TensorScope.Keep(tape.Gradients(means.Gather(1, index).Sum(), [watched])[0]);
    }

    private static Tensor Climb(Module<Tensor, Tensor> model, Shape input, long[] goals, AscentOptions options, string caller, Func<Tensor, Tensor> gradient)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (goals.Length == 0) throw new ArgumentException($"{nameof(ActivationMaximization)}.{caller}: say for which classes or units.", nameof(goals));
        using TensorScope scope = new();
        using Tape.Pause pause = Tape.NoRecord();
        Generator generator = new(options.Seed);
        Tensor? sample = model.Parameters().FirstOrDefault(parameter => parameter.DType.IsFloating);
        Accelerator accelerator = sample?.Accelerator ?? Accelerator.Default;
        Tensor x = Tensor.Normal([goals.Length, .. input], generator, 0, options.Start, sample?.DType ?? DType.Float32).To(accelerator);
        using ConstantModel constant = new(model);
        for (int step = 1; step <= options.Steps; step++)
        {
            using TensorScope inner = new();
            Tensor next = Step(x, options, generator, gradient);
            x.CopyFrom(options.BlurEvery > 0 && step % options.BlurEvery == 0 && x.Rank == 4 ? GaussianBlur.Of(next, options.Blur) : next);
        }

        return TensorScope.Keep(x);
    }

    private static Tensor Step(Tensor x, AscentOptions options, Generator generator, Func<Tensor, Tensor> gradient)
    {
        bool shifts = options.Jitter > 0 && x.Rank == 4;
        (long down, long right) = shifts ? (generator.Next(2 * options.Jitter + 1) - options.Jitter, generator.Next(2 * options.Jitter + 1) - options.Jitter) : (0, 0);
        Tensor at = shifts ? x.Roll(down, 2).Roll(right, 3) : x, g = gradient(at);
        if (shifts) g = g.Roll(-down, 2).Roll(-right, 3);
        Tensor size = g.Square().Mean([.. Enumerable.Range(1, g.Rank - 1)], keepDimensions: true).Sqrt();       // [n, 1, …]
        return (1 - options.Decay) * x + options.Rate * g / (size + 1e-12);
    }
}
