namespace Gradwright.Layers;

/// <summary>Adds columns up to an image (col2im), the transpose of <see cref="Unfold"/>: [n, c · k · k′, windows] → [n, c, h, w].</summary>
/// <param name="output">Height and width of the image.</param>
/// <param name="size">Height and width of the window.</param>
/// <param name="stride">Distance between windows; 1 by default.</param>
/// <param name="padding">Rows and columns on each side that are dropped.</param>
/// <param name="dilation">Distance between the window's elements; 1 by default.</param>
public sealed class Fold(Size2 output, Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Fold(output, size, stride, padding, dilation);

    public override string ToString()
        => $"Fold({output}, {size}{Printed.Option("stride", stride ?? 1, (Size2)1)}{Printed.Option("padding", padding ?? 0, (Size2)0)}{Printed.Option("dilation", dilation ?? 1, (Size2)1)})";
}
