using Gradwright.Layers;

namespace Gradwright.Training;

public static partial class Saliency
{
    /// <summary>
    /// Grad-CAM (Selvaraju et al. 2016): the channels of a layer's results, weighted by the mean of ∂score/∂channel, summed, rectified, and enlarged to the images (linear
    /// interpolation). Coarse, but about the class: it shows where the layer saw what speaks for it.
    /// </summary>
    /// <param name="model">[n, channels, height, width] → scores [n, classes].</param>
    /// <param name="x">Images [n, channels, height, width].</param>
    /// <param name="classes">One for each image; none: those with the highest scores.</param>
    /// <param name="layer">A module of the model whose results are [n, channels, h, w]; none: the last convolution, with the norms and activations behind it.</param>
    /// <returns>[n, height, width], nowhere negative.</returns>
    /// <exception cref="InvalidOperationException">The model has no convolution, or the layer did not run.</exception>
    /// <inheritdoc cref="Gradient"/>
    public static Tensor GradCam(Module<Tensor, Tensor> model, Tensor x, ReadOnlySpan<long> classes = default, Module? layer = null)
    {
        RequireImages(x, nameof(GradCam));
        return Look(model, x, classes, nameof(GradCam), score =>
        {
            using LayerProbe probe = new(model, layer, $"{nameof(Saliency)}.{nameof(GradCam)}");
            (Tensor result, Tensor gradient) = score.AtLayer(probe);
            if (result.Rank != 4)
                throw new ShapeException($"Saliency.GradCam: the results {result.Shape} of {layer} are no pictures [n, channels, h, w]. Name a layer before they are flattened.");
            Tensor weights = gradient.Mean([2, 3], keepDimensions: true);           // [n, channels, 1, 1]
            return (weights * result).Sum(1, keepDimensions: true).Relu().Resize([x.Shape[2], x.Shape[3]], Interpolation.Linear).Squeeze(1);
        });
    }

    /// <summary>The same for a layer that is named by its path, such as <c>features.3</c>.</summary>
    /// <inheritdoc cref="GradCam(Module{Tensor, Tensor}, Tensor, ReadOnlySpan{long}, Module?)"/>
    public static Tensor GradCam(Module<Tensor, Tensor> model, Tensor x, string layer, ReadOnlySpan<long> classes = default)
        => GradCam(model, x, classes, LayerProbe.Find(model, layer, $"{nameof(Saliency)}.{nameof(GradCam)}"));

    /// <summary>
    /// Occlusion (Zeiler and Fergus 2013): a window of one value is laid over each place of the image in turn, and the score's fall is noted. A pixel gets the mean of the falls of
    /// all windows that cover it. Needs no gradients, and one forward pass per place.
    /// </summary>
    /// <param name="model">[n, channels, height, width] → scores [n, classes].</param>
    /// <param name="x">Images [n, channels, height, width].</param>
    /// <param name="classes">One for each image; none: those with the highest scores.</param>
    /// <param name="window">Height and width of the window; a quarter of the image's if none is given.</param>
    /// <param name="stride">From one place to the next; the last of a row or column ends with the image. Half of the window if none is given.</param>
    /// <param name="value">What the window consists of. For normalised images 0 is the mean colour.</param>
    /// <returns>[n, height, width]: positive where the image's content speaks for the class.</returns>
    /// <exception cref="ArgumentException">The window is larger than the image or not positive, or as for <see cref="Gradient"/>.</exception>
    /// <inheritdoc cref="Gradient"/>
    public static Tensor Occlusion(Module<Tensor, Tensor> model, Tensor x, ReadOnlySpan<long> classes = default, Size2? window = null, Size2? stride = null, double value = 0)
    {
        RequireImages(x, nameof(Occlusion));
        (int height, int width) = (checked((int)x.Shape[2]), checked((int)x.Shape[3]));
        Size2 size = window ?? new(Math.Max(1, height / 4), Math.Max(1, width / 4)), step = stride ?? new(Math.Max(1, size.Height / 2), Math.Max(1, size.Width / 2));
        if (size.Height < 1 || size.Width < 1 || size.Height > height || size.Width > width || step.Height < 1 || step.Width < 1 || step.Height > size.Height || step.Width > size.Width)
            throw new ArgumentException($"Saliency.Occlusion: a window of {size.Height} × {size.Width} at every {step.Height} × {step.Width} pixels does not cover images of {height} × {width}. "
                + "The window must fit into them, and the steps must not be longer than it.", nameof(window));
        return Look(model, x, classes, nameof(Occlusion), score => new OcclusionMap(score, size, step, value).Compute());
    }

    private static void RequireImages(Tensor x, string caller)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank != 4) throw new ShapeException($"Saliency.{caller}: x {x.Shape} must be images [n, channels, height, width]. Reshape them, or use another method.");
    }
}
