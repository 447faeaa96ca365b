namespace Gradwright.Layers;

/// <summary>
/// Spatial transformer (Jaderberg et al. 2015): a network looks at the images and says by what affine map they are to be read: [n, c, h, w] → [n, c, h′, w′].
/// </summary>
/// <param name="localisation">From images to six numbers each, a matrix row after row: [n, c, h, w] → [n, 6]. Its last layer should start at weight 0 and bias (1,
/// 0, 0, 0, 1, 0), which changes nothing.</param>
/// <param name="size">Height and width of the result; the image's if null.</param>
/// <param name="mode">What stands between pixels.</param>
/// <param name="border">What lies outside the image.</param>
/// <param name="alignCorners">Whether ±1 are the centres of the outermost pixels, instead of their outer edges.</param>
public sealed class SpatialTransformer(
    Module<Tensor, Tensor> localisation, Size2? size = null, Interpolation mode = Interpolation.Linear, GridBorder border = GridBorder.Zeros, bool alignCorners = false)
    : Module<Tensor, Tensor>
{
    /// <summary>From images to matrices.</summary>
    public Module<Tensor, Tensor> Localisation { get; } = localisation ?? throw new ArgumentNullException(nameof(localisation));

    protected override Tensor ForwardCore(Tensor x)
    {
        if (x.Rank != 4) throw new ShapeException($"SpatialTransformer: x {x.Shape} must be [batch, channels, height, width].");
        Tensor matrices = Localisation.Forward(x);
        if (matrices.Count != 6 * x.Shape[0])
            throw new ShapeException($"SpatialTransformer: the localisation network made {matrices.Shape} of {x.Shape}, but six numbers per image are needed: [{x.Shape[0]}, 6].");
        Size2 output = size ?? new(checked((int)x.Shape[2]), checked((int)x.Shape[3]));
        return x.GridSample(matrices.Reshape(x.Shape[0], 2, 3).AffineGrid(output, alignCorners), mode, border, alignCorners);
    }

    public override string ToString()
        => $"SpatialTransformer({Localisation}{(size is null ? "" : $", {size}")}{(mode == Interpolation.Linear ? "" : $", {mode}")}{(border == GridBorder.Zeros ? "" : $", {border}")}"
            + $"{Printed.Option("alignCorners", alignCorners, false)})";
}
