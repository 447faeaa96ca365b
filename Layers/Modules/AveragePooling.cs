namespace Gradwright.Layers;

/// <summary>The mean of each window: [n, c, l] → [n, c, l′] with l′ = ⌊(l + 2p − k)/s⌋ + 1, or ⌈…⌉ + 1.</summary>
/// <param name="size">Length k of the window.</param>
/// <param name="stride">Distance s between windows; the window's size by default.</param>
/// <param name="padding">Zeros p on each side.</param>
/// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
/// <param name="countsPadding">Whether the border counts as zeros, or not at all.</param>
public sealed class AveragePool1D(int size, int? stride = null, int padding = 0, bool ceilMode = false, bool countsPadding = true) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AveragePool1D(size, stride, padding, ceilMode, countsPadding);

    public override string ToString()
        => $"AveragePool1D({Printed.Window<int>(size, stride, padding, 0)}{Printed.Option("ceilMode", ceilMode, false)}{Printed.Option("countsPadding", countsPadding, true)})";
}

/// <summary>The mean of each window: [n, c, h, w] → [n, c, h′, w′], along each axis as in <see cref="AveragePool1D"/>.</summary>
/// <param name="size">Height and width of the window.</param>
/// <param name="stride">Distance between windows; the window's size by default.</param>
/// <param name="padding">Rows and columns of zeros on each side.</param>
/// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
/// <param name="countsPadding">Whether the border counts as zeros, or not at all.</param>
public sealed class AveragePool2D(Size2 size, Size2? stride = null, Size2? padding = null, bool ceilMode = false, bool countsPadding = true) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AveragePool2D(size, stride, padding, ceilMode, countsPadding);

    public override string ToString()
        => $"AveragePool2D({Printed.Window<Size2>(size, stride, padding, 0)}{Printed.Option("ceilMode", ceilMode, false)}{Printed.Option("countsPadding", countsPadding, true)})";
}

/// <summary>The mean of each window: [n, c, d, h, w] → [n, c, d′, h′, w′], along each axis as in <see cref="AveragePool1D"/>.</summary>
/// <param name="size">Depth, height and width of the window.</param>
/// <param name="stride">Distance between windows; the window's size by default.</param>
/// <param name="padding">Zeros on each side.</param>
/// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
/// <param name="countsPadding">Whether the border counts as zeros, or not at all.</param>
public sealed class AveragePool3D(Size3 size, Size3? stride = null, Size3? padding = null, bool ceilMode = false, bool countsPadding = true) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.AveragePool3D(size, stride, padding, ceilMode, countsPadding);

    public override string ToString()
        => $"AveragePool3D({Printed.Window<Size3>(size, stride, padding, 0)}{Printed.Option("ceilMode", ceilMode, false)}{Printed.Option("countsPadding", countsPadding, true)})";
}
