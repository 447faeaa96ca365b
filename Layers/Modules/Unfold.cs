namespace Gradwright.Layers;

/// <summary>What a sliding window reads, as columns (im2col): [n, c, h, w] → [n, c · k · k′, windows].</summary>
/// <param name="size">Height and width of the window.</param>
/// <param name="stride">Distance between windows; 1 by default.</param>
/// <param name="padding">Rows and columns of zeros on each side.</param>
/// <param name="dilation">Distance between the window's elements; 1 by default.</param>
public sealed class Unfold(Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.Unfold(size, stride, padding, dilation);

    public override string ToString()
        => $"Unfold({size}{Printed.Option("stride", stride ?? 1, (Size2)1)}{Printed.Option("padding", padding ?? 0, (Size2)0)}{Printed.Option("dilation", dilation ?? 1, (Size2)1)})";
}
