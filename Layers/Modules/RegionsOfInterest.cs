namespace Gradwright.Layers;

/// <summary>
/// Regions of interest by bilinear samples (He et al. 2017): features [n, c, h, w] and boxes [r, 5] → [r, c, height, width]. A box is (image, left, top, right,
/// bottom).
/// </summary>
/// <param name="size">Rows and columns of bins.</param>
/// <param name="scale">From the boxes' unit to pixels of the features.</param>
/// <param name="samples">Places per bin and axis; 0 chooses about one per pixel.</param>
/// <param name="aligned">Whether the centre of pixel 0 is ½.</param>
public sealed class RoiAlign(Size2 size, double scale = 1, int samples = 0, bool aligned = true) : Module<(Tensor Features, Tensor Boxes), Tensor>
{
    /// <inheritdoc cref="Module{TIn, TOut}.Forward"/>
    public Tensor Forward(Tensor features, Tensor boxes) => Forward((features, boxes));

    protected override Tensor ForwardCore((Tensor Features, Tensor Boxes) input) => input.Features.RoiAlign(input.Boxes, size, scale, samples, aligned);

    public override string ToString() => $"RoiAlign({size}{Printed.Option("scale", scale, 1)}{Printed.Option("samples", samples, 0)}{Printed.Option("aligned", aligned, true)})";
}

/// <summary>
/// The largest element of each bin of regions of interest (Girshick 2015): features [n, c, h, w] and boxes [r, 5] → [r, c, height, width]. A box is (image, left,
/// top, right, bottom).
/// </summary>
/// <param name="size">Rows and columns of bins.</param>
/// <param name="scale">From the boxes' unit to pixels of the features.</param>
public sealed class RoiPool(Size2 size, double scale = 1) : Module<(Tensor Features, Tensor Boxes), Tensor>
{
    /// <inheritdoc cref="Module{TIn, TOut}.Forward"/>
    public Tensor Forward(Tensor features, Tensor boxes) => Forward((features, boxes));

    protected override Tensor ForwardCore((Tensor Features, Tensor Boxes) input) => input.Features.RoiPool(input.Boxes, size, scale);

    public override string ToString() => $"RoiPool({size}{Printed.Option("scale", scale, 1)})";
}
