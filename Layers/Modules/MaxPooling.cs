namespace Gradwright.Layers;

/// <summary>The largest element of each window: [n, c, l] → [n, c, l′] with l′ = ⌊(l + 2p − d(k − 1) − 1)/s⌋ + 1, or ⌈…⌉ + 1.</summary>
/// <param name="size">Length k of the window.</param>
/// <param name="stride">Distance s between windows; the window's size by default.</param>
/// <param name="padding">Elements p on each side that never win.</param>
/// <param name="dilation">Distance d between the window's elements.</param>
/// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
public sealed class MaxPool1D(int size, int? stride = null, int padding = 0, int dilation = 1, bool ceilMode = false) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.MaxPool1D(size, stride, padding, dilation, ceilMode);

    public override string ToString()
        => $"MaxPool1D({Printed.Window<int>(size, stride, padding, 0)}{Printed.Option("dilation", dilation, 1)}{Printed.Option("ceilMode", ceilMode, false)})";
}

/// <summary>The largest element of each window: [n, c, h, w] → [n, c, h′, w′], along each axis as in <see cref="MaxPool1D"/>.</summary>
/// <param name="size">Height and width of the window.</param>
/// <param name="stride">Distance between windows; the window's size by default.</param>
/// <param name="padding">Rows and columns on each side that never win.</param>
/// <param name="dilation">Distance between the window's elements; 1 by default.</param>
/// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
public sealed class MaxPool2D(Size2 size, Size2? stride = null, Size2? padding = null, Size2? dilation = null, bool ceilMode = false) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.MaxPool2D(size, stride, padding, dilation, ceilMode);

    public override string ToString()
        => $"MaxPool2D({Printed.Window<Size2>(size, stride, padding, 0)}{Printed.Option("dilation", dilation ?? 1, (Size2)1)}{Printed.Option("ceilMode", ceilMode, false)})";
}

/// <summary>The largest element of each window: [n, c, d, h, w] → [n, c, d′, h′, w′], along each axis as in <see cref="MaxPool1D"/>.</summary>
/// <param name="size">Depth, height and width of the window.</param>
/// <param name="stride">Distance between windows; the window's size by default.</param>
/// <param name="padding">Elements on each side that never win.</param>
/// <param name="dilation">Distance between the window's elements; 1 by default.</param>
/// <param name="ceilMode">Whether a last window that hangs over the end counts.</param>
public sealed class MaxPool3D(Size3 size, Size3? stride = null, Size3? padding = null, Size3? dilation = null, bool ceilMode = false) : Module<Tensor, Tensor>
{
    protected override Tensor ForwardCore(Tensor x) => x.MaxPool3D(size, stride, padding, dilation, ceilMode);

    public override string ToString()
        => $"MaxPool3D({Printed.Window<Size3>(size, stride, padding, 0)}{Printed.Option("dilation", dilation ?? 1, (Size3)1)}{Printed.Option("ceilMode", ceilMode, false)})";
}
