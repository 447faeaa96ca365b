namespace Gradwright.Layers;

/// <summary>The mean of each of a fixed number of regions of nearly equal size, whatever the input's: [n, c, l] → [n, c, length].</summary>
/// <param name="length">Length of the result.</param>
public sealed class AdaptiveAveragePool1D(int length) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AdaptiveAveragePool1D(length);
    public override string ToString() => $"AdaptiveAveragePool1D({length})";
}

/// <summary>The mean of each of a fixed number of regions of nearly equal size, whatever the input's: [n, c, h, w] → [n, c, height, width].</summary>
/// <param name="size">Height and width of the result.</param>
public sealed class AdaptiveAveragePool2D(Size2 size) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AdaptiveAveragePool2D(size);
    public override string ToString() => $"AdaptiveAveragePool2D({size})";
}

/// <summary>The mean of each of a fixed number of regions of nearly equal size, whatever the input's: [n, c, d, h, w] → [n, c, depth, height, width].</summary>
/// <param name="size">Depth, height and width of the result.</param>
public sealed class AdaptiveAveragePool3D(Size3 size) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AdaptiveAveragePool3D(size);
    public override string ToString() => $"AdaptiveAveragePool3D({size})";
}

/// <summary>The largest element of each of a fixed number of regions of nearly equal size, whatever the input's: [n, c, l] → [n, c, length].</summary>
/// <param name="length">Length of the result.</param>
public sealed class AdaptiveMaxPool1D(int length) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AdaptiveMaxPool1D(length);
    public override string ToString() => $"AdaptiveMaxPool1D({length})";
}

/// <summary>The largest element of each of a fixed number of regions of nearly equal size, whatever the input's: [n, c, h, w] → [n, c, height, width].</summary>
/// <param name="size">Height and width of the result.</param>
public sealed class AdaptiveMaxPool2D(Size2 size) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AdaptiveMaxPool2D(size);
    public override string ToString() => $"AdaptiveMaxPool2D({size})";
}

/// <summary>
/// The largest element of each of a fixed number of regions of nearly equal size, whatever the input's: [n, c, d, h, w] → [n, c, depth, height, width].
/// </summary>
/// <param name="size">Depth, height and width of the result.</param>
public sealed class AdaptiveMaxPool3D(Size3 size) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AdaptiveMaxPool3D(size);
    public override string ToString() => $"AdaptiveMaxPool3D({size})";
}
